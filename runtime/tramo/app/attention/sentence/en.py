"""What notices say, in English."""

from typing import Final

SENTENCES: Final = {
    # Questions
    "ask.subject": "{title}",
    "ask.remind_subject": "Still open: {title}",
    "ask.flow": "The flow “{flow}” waits for your answer.",
    "ask.until": "It waits until {until}.",
    "ask.since": "It has waited since {since}.",
    "ask.open": "Each button opens a page on which you confirm your answer.",
    # Ways out that questions commonly have
    "port.yes": "Yes",
    "port.no": "No",
    "port.out": "Answer",
    # Alerts
    "failed.subject": "“{flow}” failed at “{node}”",
    "failed.subject_flow": "“{flow}” failed",
    "failed.text": "{message}",
    "failed.counted": "Should it fail in the same way again today, it is counted and not mailed.",
    "asking.subject": "“{flow}” asks: did “{node}” happen?",
    "asking.subject_flow": "“{flow}” asks what happened",
    "asking.text": "{message}",
    "asking.counted": "Nothing is sent a second time until somebody says what happened: it did,"
    " send it once more, or abort the run.",
    "quarantined.subject": "A run of “{flow}” was set aside",
    "quarantined.text": "It took the server down several times and is not tried again. Look at it,"
    " then release or cancel it.",
    "connection.subject": "“{connection}” is not accepted any more",
    "connection.text": "The vendor refuses the connection's credential. Runs that wait for a"
    " connection: {count}. Renew it, and they go on.",
    "watch.subject": "“{flow}” ran {count} times, expected were at least {at_least}",
    "watch.text": "Between {since} and {until} fewer runs began than expected. Perhaps nothing"
    " reaches the flow any more.",
    "paused.subject": "“{flow}” was paused after {count} failures in a row",
    "paused.text": "It takes no events until somebody resumes it. The last failure: {message}",
    "before": "On the last day on which it occurred: {count} times.",
    # Reminders
    "stuck.subject": "Runs that wait for your decision: {count}",
    "stuck.text": "Nobody has said yet what happened in these runs. They wait, and nothing is done"
    " by itself:",
    "stuck.line": "“{flow}”, since {since}",
    "stuck.more": "and {count} more",
    # Buttons
    "open.run": "Open the run",
    "open.runs": "Open the runs",
    "open.flow": "Open the flow",
    "open.connections": "Open the connections",
}
