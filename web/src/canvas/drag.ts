/** The name under which a node type travels while it is dragged from the palette. */
export const draggedType = "application/x-tramo-node-type";
