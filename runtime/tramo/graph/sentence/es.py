"""Spanish."""

from typing import Final

WORDS: Final = {
    "null": "nada (null)",
    "boolean": "verdadero o falso",
    "integer": "un número entero",
    "number": "un número",
    "text": "un texto",
    "list": "una lista",
    "object": "un objeto",
    "or": "o",
}

SENTENCES: Final = {
    "at_node": "«{node}»: ",
    "near": "¿Querías decir «{near}»?",
    # Un valor frente a su esquema
    "difference.missing": "Falta «{field}»; rellénalo.",
    "difference.unknown": "«{field}» no se conoce aquí; quítalo.",
    "difference.type": "«{field}» debe ser {wanted}, no {kind}.",
    "difference.choice": "«{field}» debe ser uno de: {choices}.",
    "difference.empty": "«{field}» está vacío; rellénalo.",
    "difference.short": "«{field}» necesita al menos {low} caracteres.",
    "difference.long": "«{field}» puede tener como mucho {high} caracteres.",
    "difference.pattern": "«{found}» no puede ser «{field}»; debe ajustarse a {pattern}.",
    "difference.form.cron": "«{found}» no es una regla cron; escribe cinco campos, como 0 9 * * 1.",
    "difference.form.timezone": "«{found}» no es una zona horaria; escribe una como Europe/Madrid.",
    "difference.form.date": "«{found}» no es una fecha; escribe una como 2026-11-21.",
    "difference.form.date-time": "«{found}» no es un instante; escribe uno como"
    " 2026-11-21T09:30:00Z.",
    "difference.form.moment": "«{found}» no es un momento; escribe uno como 2026-11-27,"
    " 2026-11-27T09:00 o 2026-11-27T09:00:00Z.",
    "difference.form.path": "«{found}» no es una ruta; escribe nombres de campo con puntos, como"
    " body.order.id o line_items[].sku.",
    "difference.form.header": "«{found}» no puede nombrar una cabecera; escribe una como"
    " Idempotency-Key.",
    "difference.form.web-address": "«{found}» no es una dirección web; escríbela entera, como"
    " https://api.example.com/orders.",
    "difference.few": "«{field}» necesita al menos {low} entradas.",
    "difference.many": "«{field}» puede tener como mucho {high} entradas.",
    "difference.low": "«{field}» debe ser al menos {low}.",
    "difference.high": "«{field}» debe ser como mucho {high}.",
    "difference.above": "«{field}» debe ser mayor que {low}.",
    "difference.below": "«{field}» debe ser menor que {high}.",
    "difference.multiple": "«{field}» debe ser múltiplo de {step}.",
    "difference.fixed": "«{field}» debe escribirse tal cual; no puede ser una expresión, porque"
    " hace falta antes de cualquier ejecución.",
    "difference.one_of": "Indica exactamente uno de: {choices}.",
    "difference.at_most_one_of": "Indica como mucho uno de: {choices}.",
    # El documento entero
    "flow.empty": "El documento está vacío; un flujo es un objeto JSON.",
    "flow.encoding": "El documento no es texto UTF-8; guárdalo como UTF-8.",
    "flow.ends_early": "El JSON termina antes de tiempo; falta cerrar un paréntesis o unas"
    " comillas.",
    "flow.not_json": "Esto no es JSON: línea {line}, columna {column}, en «{found}».",
    "flow.number_range": "Un número del documento es demasiado largo o grande; se conservan exactos"
    " {digits} dígitos como mucho.",
    "flow.too_deep": "El documento tiene más de {limit} niveles anidados; aplánalo.",
    "flow.too_large": "El documento pasa de {limit_mb} MB; divide el flujo.",
    "flow.not_a_flow": "Este JSON es {kind} y no un flujo; un flujo es un objeto con format, id,"
    " name, nodes y edges.",
    "flow.problems_left_out": "Hay más problemas que estos {listed}; corrígelos y comprueba de"
    " nuevo.",
    "flow.key_twice": "«{key}» aparece dos veces en el mismo objeto; deja una.",
    "flow.format_unknown": "El formato «{format}» no se conoce; esta versión lee hasta el formato"
    " {newest}. Actualiza Tramo o corrige «format».",
    "flow.id_invalid": "«{found}» no puede ser el id de un flujo; escribe flow_ y hasta 64 letras,"
    " cifras, _ o -.",
    "flow.too_many_nodes": "El flujo tiene {count} nodos y se permiten {limit} como mucho;"
    " divídelo en varios. No se miraron los parámetros de los nodos que pasan del límite.",
    "flow.no_trigger": "El flujo no tiene disparador y nada puede iniciarlo; añade uno.",
    "flow.cycle": "Estos nodos forman un círculo: {nodes}. Quita una de las líneas entre ellos.",
    "flow.timezone_unknown": "«{found}» no es una zona horaria; escribe una como Europe/Madrid.",
    "flow.key_invalid": "La clave «{key}» debe ser una ruta, como line_items[].sku, o una"
    " expresión.",
    "flow.layout_unknown": "El diseño coloca «{id}» y no existe tal nodo; se ignora.",
    "flow.note_twice": "«{id}» es el id de dos notas; da otro a una de ellas.",
    "flow.note_unknown": "Un grupo contiene «{id}» y no existe tal nodo; se ignora.",
    # Nodos
    "node.id_invalid": "«{found}» no puede ser el id de un nodo; escribe minúsculas, cifras y _,"
    " empezando por una letra, 64 como mucho.",
    "node.id_reserved": "«{id}» es una palabra del lenguaje de expresiones; da otro id al nodo.",
    "node.id_twice": "Otro nodo ya tiene el id «{id}»; da otro a este.",
    "node.type_invalid": "«{found}» no es un tipo de nodo; escribe uno como core.set.",
    "node.type_unknown": "«{node}»: el tipo de nodo «{type}» no está instalado; instala su conector"
    " o elige otro.",
    "node.version_unknown": "«{node}»: la versión {v} de «{type}» no está instalada; actualiza su"
    " conector.",
    "node.unreachable": "Ningún disparador lleva a «{node}», así que nunca se ejecuta; conéctalo o"
    " quítalo.",
    "node.connection_missing": "«{node}» no tiene conexión; elige la cuenta con la que trabaja.",
    "node.connection_unknown": "«{node}» indica una conexión que no está aquí o es de otro sistema;"
    " elige una de este espacio de trabajo.",
    "node.connection_unused": "«{node}» no usa ninguna conexión; quítala.",
    "node.once_unknown": "«{node}» debe ocurrir una vez por «{key}», pero ningún disparador del"
    " flujo lleva esa clave. Claves conocidas: {known}.",
    "node.setting_unused": "«{node}» no tiene en cuenta «{setting}»: no sale al exterior ni espera"
    " nada; quítalo.",
    "node.repeat_costly": "«{node}» cuesta dinero o existencias, así que nunca se repite en caso de"
    " duda; pon on_doubt en ask o skip.",
    "node.merge_single": "Llegan menos de dos líneas a «{node}», así que no hay nada que unir.",
    "node.error_port_unused": "Los errores de «{node}» se recogen y no van a ningún sitio; conecta"
    " su salida error o deja que la ejecución pare.",
    "node.respond_unheard": "«{node}» no responde a nadie; pon en respond la respuesta de un"
    " webhook.",
    "webhook.respond_missing": "«{node}» espera una respuesta del flujo y ningún nodo Responder la"
    " da; añade uno.",
    # Salidas y líneas
    "port.error_reserved": "«{node}»: el nombre de salida error está reservado; elige otro.",
    "port.twice": "«{node}»: dos salidas se llaman «{port}»; cambia una.",
    "edge.node_unknown": "La línea nombra el nodo «{id}», que no existe.",
    "edge.port_unknown": "«{node}» no tiene la salida «{port}»; tiene: {ports}.",
    "edge.error_port_off": "«{node}» aún no tiene salida error; pon su on_error en branch.",
    "edge.after_end": "«{node}» termina la ejecución, así que lo que le sigue nunca se ejecuta;"
    " quita la línea.",
    "edge.twice": "Hay dos líneas de la salida «{port}» de «{node}» a «{to}»; quita una.",
    "edge.self_loop": "«{node}» lleva a sí mismo; quita la línea.",
    "edge.into_trigger": "Una línea lleva al disparador «{node}»; nada puede llevar a un"
    " disparador.",
    "edge.crosses_box": "La línea de «{node}» a «{to}» cruza el borde de un bucle; ambos deben"
    " estar dentro del mismo.",
    # Bucles
    "loop.inside_unknown": "«{node}» está dentro de «{id}» y no existe tal nodo.",
    "loop.inside_not_loop": "«{node}» está dentro de «{box}», que no es un bucle; solo un nodo"
    " for_each puede contener otros.",
    "loop.nested_in_itself": "Estos bucles están unos dentro de otros en círculo: {nodes}. Saca"
    " uno.",
    "loop.trigger_inside": "El disparador «{node}» está dentro de un bucle; sácalo.",
    "loop.name_invalid": "«{node}»: «{name}» no puede nombrar el elemento del bucle; escribe"
    " minúsculas, cifras y _, y ninguna palabra reservada.",
    "loop.name_taken": "«{node}»: un nodo tiene el id «{name}»; da otro nombre al elemento del"
    " bucle.",
    "loop.name_twice": "«{node}» y el bucle que lo rodea, «{box}», llaman «{name}» a su elemento;"
    " da otro nombre a uno con «as».",
    "loop.empty": "No hay ningún nodo dentro del bucle «{node}», así que no hace nada.",
    "loop.collect_unknown": "«{node}» reúne de «{name}», y no hay tal nodo directamente dentro;"
    " nombre uno de: {known}.",
    # Eventos que esperan los nodos
    "event.type_unknown": "«{node}» espera «{type}», y no hay instalado ningún disparador con ese"
    " nombre; elige el disparador que cuenta el evento.",
    "event.key_unknown": "«{node}» espera «{type}» por «{key}», una clave que esos eventos no"
    " llevan. Llevan: {known}.",
    "event.value_missing": "«{node}» espera un evento por «{key}», y ningún disparador del flujo"
    " lleva esa clave; indica su valor. Claves conocidas: {known}.",
    # Lo que leen las expresiones
    "expression.not_before": "{place}: «{name}» no va antes de este nodo, así que su salida no se"
    " puede leer aquí; conéctalo para que vaya antes.",
    "expression.inside_loop": "{place}: «{name}» está dentro del bucle «{box}»; lee los resultados"
    " del bucle.",
    "expression.own_output": "{place}: un nodo no puede leer su propia salida.",
    "expression.not_in_loop": "{place}: «{name}» solo existe dentro de un bucle.",
    "expression.reads_disabled": "{place}: «{name}» está desactivado, así que no tiene salida.",
    # Alerts
    "alerts.reader_invalid": "«{found}» no es una dirección de correo ni un canal; escribe algo"
    " como ana@example.com o #avisos.",
    "alerts.channel_alone": "Para llegar a «{found}», las alertas necesitan la conexión de un"
    " chat; elige una o escribe una dirección de correo.",
    "alerts.connection_unknown": "Las alertas nombran una conexión que no está aquí o que no lleva"
    " mensajes; elige otra de este espacio de trabajo.",
}
