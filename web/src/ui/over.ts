/** Where menus, lists and dialogs are drawn that lie over the page: a region with a name of its own. */
export const over = document.createElement("section");
over.dataset.over = "";
document.body.append(over);
