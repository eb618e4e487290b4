"""Romanian."""

from typing import Final

WORDS: Final = {
    "null": "nimic (null)",
    "boolean": "adevărat sau fals",
    "integer": "un număr întreg",
    "number": "un număr",
    "text": "un text",
    "list": "o listă",
    "object": "un obiect",
    "or": "sau",
}

SENTENCES: Final = {
    "at_node": "„{node}”: ",
    "near": "Voiai să scrii „{near}”?",
    # O valoare față de schema ei
    "difference.missing": "Lipsește „{field}”; completează.",
    "difference.unknown": "„{field}” nu este cunoscut aici; șterge-l.",
    "difference.type": "„{field}” trebuie să fie {wanted}, nu {kind}.",
    "difference.choice": "„{field}” trebuie să fie unul dintre: {choices}.",
    "difference.empty": "„{field}” este gol; completează.",
    "difference.short": "„{field}” are nevoie de cel puțin {low} caractere.",
    "difference.long": "„{field}” poate avea cel mult {high} caractere.",
    "difference.pattern": "„{found}” nu poate fi „{field}”; trebuie să respecte {pattern}.",
    "difference.form.cron": "„{found}” nu este o regulă cron; scrie cinci câmpuri, ca 0 9 * * 1.",
    "difference.form.timezone": "„{found}” nu este un fus orar; scrie unul ca Europe/Bucharest.",
    "difference.form.date": "„{found}” nu este o dată; scrie una ca 2026-11-21.",
    "difference.form.date-time": "„{found}” nu este un moment; scrie unul ca 2026-11-21T09:30:00Z.",
    "difference.form.moment": "„{found}” nu este un moment; scrie unul precum 2026-11-27,"
    " 2026-11-27T09:00 sau 2026-11-27T09:00:00Z.",
    "difference.form.path": "„{found}” nu este o cale; scrie nume de câmpuri cu puncte, ca"
    " body.order.id sau line_items[].sku.",
    "difference.form.header": "„{found}” nu poate numi un antet; scrie unul ca Idempotency-Key.",
    "difference.form.web-address": "„{found}” nu este o adresă web; scrie-o întreagă, ca"
    " https://api.example.com/orders.",
    "difference.few": "„{field}” are nevoie de cel puțin {low} intrări.",
    "difference.many": "„{field}” poate avea cel mult {high} intrări.",
    "difference.low": "„{field}” trebuie să fie cel puțin {low}.",
    "difference.high": "„{field}” trebuie să fie cel mult {high}.",
    "difference.above": "„{field}” trebuie să fie mai mare decât {low}.",
    "difference.below": "„{field}” trebuie să fie mai mic decât {high}.",
    "difference.multiple": "„{field}” trebuie să fie multiplu de {step}.",
    "difference.fixed": "„{field}” trebuie scris ca atare; nu poate fi o expresie, pentru că este"
    " nevoie de el înaintea oricărei rulări.",
    "difference.one_of": "Dă exact unul dintre: {choices}.",
    "difference.at_most_one_of": "Dă cel mult unul dintre: {choices}.",
    # Documentul întreg
    "flow.empty": "Documentul este gol; un flux este un obiect JSON.",
    "flow.encoding": "Documentul nu este text UTF-8; salvează-l ca UTF-8.",
    "flow.ends_early": "JSON-ul se termină prea devreme; o paranteză sau ghilimele nu sunt"
    " închise.",
    "flow.not_json": "Acesta nu este JSON: linia {line}, coloana {column}, la „{found}”.",
    "flow.number_range": "Un număr din document este prea lung sau prea mare; se păstrează exact"
    " cel mult {digits} cifre.",
    "flow.too_deep": "Documentul are mai mult de {limit} niveluri imbricate; simplifică-l.",
    "flow.too_large": "Documentul depășește {limit_mb} MB; împarte fluxul.",
    "flow.not_a_flow": "Acest JSON este {kind} și nu un flux; un flux este un obiect cu format, id,"
    " name, nodes și edges.",
    "flow.problems_left_out": "Sunt mai multe probleme decât acestea {listed}; corectează-le și"
    " verifică din nou.",
    "flow.key_twice": "„{key}” apare de două ori în același obiect; păstrează una.",
    "flow.format_unknown": "Formatul „{format}” nu este cunoscut; această versiune citește până la"
    " formatul {newest}. Actualizează Tramo sau corectează „format”.",
    "flow.id_invalid": "„{found}” nu poate fi id-ul unui flux; scrie flow_ și cel mult 64 de"
    " litere, cifre, _ sau -.",
    "flow.too_many_nodes": "Fluxul are {count} noduri și sunt permise cel mult {limit};"
    " împarte-l în mai multe fluxuri. Parametrii nodurilor peste limită nu au fost verificați.",
    "flow.no_trigger": "Fluxul nu are declanșator, deci nimic nu îl poate porni; adaugă unul.",
    "flow.cycle": "Aceste noduri formează un cerc: {nodes}. Șterge una dintre liniile dintre ele.",
    "flow.timezone_unknown": "„{found}” nu este un fus orar; scrie unul ca Europe/Bucharest.",
    "flow.key_invalid": "Cheia „{key}” trebuie să fie o cale, ca line_items[].sku, sau o expresie.",
    "flow.layout_unknown": "Așezarea plasează „{id}”, iar acest nod nu există; este ignorat.",
    "flow.note_twice": "„{id}” este id-ul a două notițe; dă-i uneia dintre ele altul.",
    "flow.note_unknown": "Un grup conține „{id}”, iar acest nod nu există; este ignorat.",
    # Noduri
    "node.id_invalid": "„{found}” nu poate fi id-ul unui nod; scrie litere mici, cifre și _,"
    " începând cu o literă, cel mult 64.",
    "node.id_reserved": "„{id}” este un cuvânt al limbajului de expresii; dă nodului alt id.",
    "node.id_twice": "Alt nod are deja id-ul „{id}”; dă-i acestuia altul.",
    "node.type_invalid": "„{found}” nu este un tip de nod; scrie unul ca core.set.",
    "node.type_unknown": "„{node}”: tipul de nod „{type}” nu este instalat; instalează conectorul"
    " lui sau alege altul.",
    "node.version_unknown": "„{node}”: versiunea {v} a „{type}” nu este instalată; actualizează"
    " conectorul.",
    "node.unreachable": "Niciun declanșator nu duce la „{node}”, deci nu rulează niciodată;"
    " conectează-l sau șterge-l.",
    "node.connection_missing": "„{node}” nu are conexiune; alege contul cu care lucrează.",
    "node.connection_unknown": "„{node}” numește o conexiune care nu este aici sau este a altui"
    " sistem; alege una din acest spațiu de lucru.",
    "node.connection_unused": "„{node}” nu folosește nicio conexiune; șterge-o.",
    "node.once_unknown": "„{node}” trebuie să se întâmple o dată per „{key}”, dar niciun"
    " declanșator al fluxului nu poartă cheia. Chei cunoscute: {known}.",
    "node.setting_unused": "„{node}” nu ține seama de „{setting}”: nu ajunge în afară și nu"
    " așteaptă nimic; șterge-l.",
    "node.repeat_costly": "„{node}” costă bani sau stoc, deci nu se repetă niciodată la îndoială;"
    " pune on_doubt pe ask sau skip.",
    "node.merge_single": "La „{node}” duc mai puțin de două linii, deci nu este nimic de îmbinat.",
    "node.error_port_unused": "Erorile nodului „{node}” sunt preluate și nu merg nicăieri;"
    " conectează ieșirea error sau lasă rularea să se oprească.",
    "node.respond_unheard": "„{node}” nu răspunde nimănui; pune răspunsul unui webhook pe respond.",
    "webhook.respond_missing": "„{node}” așteaptă un răspuns de la flux și niciun nod Răspunde nu"
    " îl dă; adaugă unul.",
    # Ieșiri și linii
    "port.error_reserved": "„{node}”: numele de ieșire error este rezervat; alege altul.",
    "port.twice": "„{node}”: două ieșiri se numesc „{port}”; redenumește una.",
    "edge.node_unknown": "Linia numește nodul „{id}”, care nu există.",
    "edge.port_unknown": "„{node}” nu are ieșirea „{port}”; are: {ports}.",
    "edge.error_port_off": "„{node}” nu are încă ieșirea error; pune on_error pe branch.",
    "edge.after_end": "„{node}” încheie rularea, deci ce urmează nu rulează niciodată; șterge"
    " linia.",
    "edge.twice": "Sunt două linii de la ieșirea „{port}” a „{node}” la „{to}”; șterge una.",
    "edge.self_loop": "„{node}” duce la el însuși; șterge linia.",
    "edge.into_trigger": "O linie duce la declanșatorul „{node}”; nimic nu poate duce la un"
    " declanșator.",
    "edge.crosses_box": "Linia de la „{node}” la „{to}” trece marginea unei bucle; ambele trebuie"
    " să fie în aceeași buclă.",
    # Bucle
    "loop.inside_unknown": "„{node}” este în „{id}”, iar acest nod nu există.",
    "loop.inside_not_loop": "„{node}” este în „{box}”, care nu este o buclă; doar un nod for_each"
    " poate conține altele.",
    "loop.nested_in_itself": "Aceste bucle sunt una în alta în cerc: {nodes}. Scoate una.",
    "loop.trigger_inside": "Declanșatorul „{node}” este într-o buclă; scoate-l.",
    "loop.name_invalid": "„{node}”: „{name}” nu poate numi elementul buclei; scrie litere mici,"
    " cifre și _, și niciun cuvânt rezervat.",
    "loop.name_taken": "„{node}”: un nod are id-ul „{name}”; dă alt nume elementului buclei.",
    "loop.name_twice": "„{node}” și bucla din jur, „{box}”, își numesc elementul „{name}”; dă"
    " uneia alt nume cu „as”.",
    "loop.empty": "Nu este niciun nod în bucla „{node}”, deci nu face nimic.",
    "loop.collect_unknown": "„{node}” păstrează din „{name}”, iar un asemenea nod nu se află direct"
    " în interior; numește unul dintre: {known}.",
    # Evenimente pe care le așteaptă nodurile
    "event.type_unknown": "„{node}” așteaptă „{type}”, iar niciun declanșator cu acest nume nu este"
    " instalat; alege declanșatorul care anunță evenimentul.",
    "event.key_unknown": "„{node}” așteaptă „{type}” după „{key}”, o cheie pe care aceste"
    " evenimente nu o poartă. Ele poartă: {known}.",
    "event.value_missing": "„{node}” așteaptă un eveniment după „{key}”, iar niciun declanșator al"
    " fluxului nu poartă această cheie; dă-i valoarea. Chei cunoscute: {known}.",
    # Ce citesc expresiile
    "expression.not_before": "{place}: „{name}” nu vine înaintea acestui nod, deci ieșirea lui nu"
    " poate fi citită aici; conectează-l ca să vină înainte.",
    "expression.inside_loop": "{place}: „{name}” este în bucla „{box}”; citește în schimb"
    " rezultatele buclei.",
    "expression.own_output": "{place}: un nod nu își poate citi propria ieșire.",
    "expression.not_in_loop": "{place}: „{name}” există doar într-o buclă.",
    "expression.reads_disabled": "{place}: „{name}” este oprit, deci nu are ieșire.",
    # Alerts
    "alerts.reader_invalid": "„{found}” nu este nici adresă de e-mail, nici canal; scrie una"
    " precum ana@example.com sau #alerte.",
    "alerts.channel_alone": "Pentru a ajunge la „{found}”, alertele au nevoie de conexiunea unui"
    " chat; alege una sau scrie o adresă de e-mail.",
    "alerts.connection_unknown": "Alertele numesc o conexiune care nu este aici sau care nu duce"
    " mesaje; alege alta din acest spațiu de lucru.",
}
