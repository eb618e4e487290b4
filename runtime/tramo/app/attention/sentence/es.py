"""What notices say, in Spanish."""

from typing import Final

SENTENCES: Final = {
    # Questions
    "ask.subject": "{title}",
    "ask.remind_subject": "Sigue pendiente: {title}",
    "ask.flow": "El flujo «{flow}» espera tu respuesta.",
    "ask.until": "Espera hasta el {until}.",
    "ask.since": "Espera desde el {since}.",
    "ask.open": "Cada botón abre una página en la que confirmas tu respuesta.",
    # Ways out that questions commonly have
    "port.yes": "Sí",
    "port.no": "No",
    "port.out": "Responder",
    # Alerts
    "failed.subject": "«{flow}» falló en «{node}»",
    "failed.subject_flow": "«{flow}» falló",
    "failed.text": "{message}",
    "failed.counted": "Si hoy vuelve a fallar de la misma forma, se cuenta y no se envía otro"
    " correo.",
    "asking.subject": "«{flow}» pregunta: ¿ocurrió «{node}»?",
    "asking.subject_flow": "«{flow}» pregunta qué ocurrió",
    "asking.text": "{message}",
    "asking.counted": "Nada se envía por segunda vez hasta que alguien diga qué ocurrió: ocurrió,"
    " enviar una vez más o abortar la ejecución.",
    "quarantined.subject": "Se apartó una ejecución de «{flow}»",
    "quarantined.text": "Hizo caer el servidor varias veces y no se vuelve a intentar. Mírala y"
    " después libérala o cancélala.",
    "connection.subject": "«{connection}» ya no se acepta",
    "connection.text": "El proveedor rechaza la credencial de la conexión. Ejecuciones que esperan"
    " una conexión: {count}. Renuévala y continuarán.",
    "watch.subject": "«{flow}» se ejecutó {count} veces; se esperaban al menos {at_least}",
    "watch.text": "Entre el {since} y el {until} empezaron menos ejecuciones de las esperadas."
    " Quizá ya no llega nada al flujo.",
    "paused.subject": "«{flow}» se puso en pausa tras {count} fallos seguidos",
    "paused.text": "No admite eventos hasta que alguien lo reanude. El último fallo: {message}",
    "before": "El último día en que ocurrió: {count} veces.",
    # Reminders
    "stuck.subject": "Ejecuciones que esperan tu decisión: {count}",
    "stuck.text": "Nadie ha dicho aún qué ocurrió en estas ejecuciones. Esperan, y nada se hace"
    " por sí solo:",
    "stuck.line": "«{flow}», desde el {since}",
    "stuck.more": "y {count} más",
    # Buttons
    "open.run": "Abrir la ejecución",
    "open.runs": "Abrir las ejecuciones",
    "open.flow": "Abrir el flujo",
    "open.connections": "Abrir las conexiones",
}
