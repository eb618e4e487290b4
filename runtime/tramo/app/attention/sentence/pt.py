"""What notices say, in Portuguese as it is written in Brazil."""

from typing import Final

SENTENCES: Final = {
    # Questions
    "ask.subject": "{title}",
    "ask.remind_subject": "Ainda em aberto: {title}",
    "ask.flow": "O fluxo “{flow}” espera a sua resposta.",
    "ask.until": "Ele espera até {until}.",
    "ask.since": "Ele espera desde {since}.",
    "ask.open": "Cada botão abre uma página em que você confirma a sua resposta.",
    # Ways out that questions commonly have
    "port.yes": "Sim",
    "port.no": "Não",
    "port.out": "Responder",
    # Alerts
    "failed.subject": "“{flow}” falhou em “{node}”",
    "failed.subject_flow": "“{flow}” falhou",
    "failed.text": "{message}",
    "failed.counted": "Se falhar hoje de novo da mesma forma, será contado e não enviado por"
    " e-mail.",
    "asking.subject": "“{flow}” pergunta: “{node}” aconteceu?",
    "asking.subject_flow": "“{flow}” pergunta o que aconteceu",
    "asking.text": "{message}",
    "asking.counted": "Nada é enviado uma segunda vez até que alguém diga o que aconteceu:"
    " aconteceu, enviar mais uma vez ou abortar a execução.",
    "quarantined.subject": "Uma execução de “{flow}” foi posta de lado",
    "quarantined.text": "Ela derrubou o servidor várias vezes e não será tentada de novo. Veja-a e"
    " depois libere ou cancele.",
    "connection.subject": "“{connection}” não é mais aceita",
    "connection.text": "O fornecedor recusa a credencial da conexão. Execuções que esperam uma"
    " conexão: {count}. Renove-a e elas continuam.",
    "watch.subject": "“{flow}” foi executado {count} vezes; eram esperadas pelo menos {at_least}",
    "watch.text": "Entre {since} e {until} começaram menos execuções do que o esperado. Talvez"
    " nada mais chegue ao fluxo.",
    "paused.subject": "“{flow}” foi pausado após {count} falhas seguidas",
    "paused.text": "Ele não recebe eventos até que alguém o retome. A última falha: {message}",
    "before": "No último dia em que ocorreu: {count} vezes.",
    # Reminders
    "stuck.subject": "Execuções que esperam a sua decisão: {count}",
    "stuck.text": "Ninguém disse ainda o que aconteceu nestas execuções. Elas esperam, e nada é"
    " feito sozinho:",
    "stuck.line": "“{flow}”, desde {since}",
    "stuck.more": "e mais {count}",
    # Buttons
    "open.run": "Abrir a execução",
    "open.runs": "Abrir as execuções",
    "open.flow": "Abrir o fluxo",
    "open.connections": "Abrir as conexões",
}
