"""What notices say, in Romanian."""

from typing import Final

SENTENCES: Final = {
    # Questions
    "ask.subject": "{title}",
    "ask.remind_subject": "Încă deschisă: {title}",
    "ask.flow": "Fluxul „{flow}” așteaptă răspunsul tău.",
    "ask.until": "Așteaptă până la {until}.",
    "ask.since": "Așteaptă din {since}.",
    "ask.open": "Fiecare buton deschide o pagină pe care confirmi răspunsul.",
    # Ways out that questions commonly have
    "port.yes": "Da",
    "port.no": "Nu",
    "port.out": "Răspunde",
    # Alerts
    "failed.subject": "„{flow}” a eșuat la „{node}”",
    "failed.subject_flow": "„{flow}” a eșuat",
    "failed.text": "{message}",
    "failed.counted": "Dacă eșuează azi din nou în același fel, se numără și nu se mai trimite"
    " mesaj.",
    "asking.subject": "„{flow}” întreabă: s-a întâmplat „{node}”?",
    "asking.subject_flow": "„{flow}” întreabă ce s-a întâmplat",
    "asking.text": "{message}",
    "asking.counted": "Nimic nu se trimite a doua oară până când cineva spune ce s-a întâmplat:"
    " s-a întâmplat, trimite încă o dată sau abandonează rularea.",
    "quarantined.subject": "O rulare a fluxului „{flow}” a fost pusă deoparte",
    "quarantined.text": "A oprit serverul de mai multe ori și nu se mai încearcă. Uită-te la ea,"
    " apoi eliberează-o sau anuleaz-o.",
    "connection.subject": "„{connection}” nu mai este acceptată",
    "connection.text": "Furnizorul refuză datele de acces ale conexiunii. Rulări care așteaptă o"
    " conexiune: {count}. Reînnoiește-le, iar ele continuă.",
    "watch.subject": "„{flow}” a rulat de {count} ori; se așteptau cel puțin {at_least}",
    "watch.text": "Între {since} și {until} au început mai puține rulări decât se așteptau. Poate"
    " că la flux nu mai ajunge nimic.",
    "paused.subject": "„{flow}” a fost pus în pauză după {count} eșecuri la rând",
    "paused.text": "Nu primește evenimente până când cineva îl reia. Ultimul eșec: {message}",
    "before": "În ultima zi în care a apărut: de {count} ori.",
    # Reminders
    "stuck.subject": "Rulări care așteaptă decizia ta: {count}",
    "stuck.text": "Nimeni nu a spus încă ce s-a întâmplat în aceste rulări. Ele așteaptă, și nimic"
    " nu se face de la sine:",
    "stuck.line": "„{flow}”, din {since}",
    "stuck.more": "și încă {count}",
    # Buttons
    "open.run": "Deschide rularea",
    "open.runs": "Deschide rulările",
    "open.flow": "Deschide fluxul",
    "open.connections": "Deschide conexiunile",
}
