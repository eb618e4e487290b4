"""Brazilian Portuguese."""

from typing import Final

WORDS: Final = {
    "null": "nada (null)",
    "boolean": "verdadeiro ou falso",
    "integer": "um número inteiro",
    "number": "um número",
    "text": "um texto",
    "list": "uma lista",
    "object": "um objeto",
    "or": "ou",
}

SENTENCES: Final = {
    "at_node": "“{node}”: ",
    "near": "Você quis dizer “{near}”?",
    # Um valor diante do seu esquema
    "difference.missing": "Falta “{field}”; preencha.",
    "difference.unknown": "“{field}” não é conhecido aqui; remova.",
    "difference.type": "“{field}” deve ser {wanted}, não {kind}.",
    "difference.choice": "“{field}” deve ser um destes: {choices}.",
    "difference.empty": "“{field}” está vazio; preencha.",
    "difference.short": "“{field}” precisa de pelo menos {low} caracteres.",
    "difference.long": "“{field}” pode ter no máximo {high} caracteres.",
    "difference.pattern": "“{found}” não pode ser “{field}”; deve seguir {pattern}.",
    "difference.form.cron": "“{found}” não é uma regra cron; escreva cinco campos, como 0 9 * * 1.",
    "difference.form.timezone": "“{found}” não é um fuso horário; escreva um como"
    " America/Sao_Paulo.",
    "difference.form.date": "“{found}” não é uma data; escreva uma como 2026-11-21.",
    "difference.form.date-time": "“{found}” não é um instante; escreva um como"
    " 2026-11-21T09:30:00Z.",
    "difference.form.moment": "“{found}” não é um momento; escreva um como 2026-11-27,"
    " 2026-11-27T09:00 ou 2026-11-27T09:00:00Z.",
    "difference.form.path": "“{found}” não é um caminho; escreva nomes de campos com pontos, como"
    " body.order.id ou line_items[].sku.",
    "difference.form.header": "“{found}” não pode nomear um cabeçalho; escreva um como"
    " Idempotency-Key.",
    "difference.form.web-address": "“{found}” não é um endereço web; escreva-o inteiro, como"
    " https://api.example.com/orders.",
    "difference.few": "“{field}” precisa de pelo menos {low} itens.",
    "difference.many": "“{field}” pode ter no máximo {high} itens.",
    "difference.low": "“{field}” deve ser pelo menos {low}.",
    "difference.high": "“{field}” deve ser no máximo {high}.",
    "difference.above": "“{field}” deve ser maior que {low}.",
    "difference.below": "“{field}” deve ser menor que {high}.",
    "difference.multiple": "“{field}” deve ser múltiplo de {step}.",
    "difference.fixed": "“{field}” deve ser escrito por extenso; não pode ser uma expressão, porque"
    " é preciso antes de qualquer execução.",
    "difference.one_of": "Informe exatamente um destes: {choices}.",
    "difference.at_most_one_of": "Informe no máximo um destes: {choices}.",
    # O documento inteiro
    "flow.empty": "O documento está vazio; um fluxo é um objeto JSON.",
    "flow.encoding": "O documento não é texto UTF-8; salve como UTF-8.",
    "flow.ends_early": "O JSON termina cedo demais; falta fechar um colchete ou aspas.",
    "flow.not_json": "Isto não é JSON: linha {line}, coluna {column}, em “{found}”.",
    "flow.number_range": "Um número do documento é longo ou grande demais; no máximo {digits}"
    " dígitos são mantidos exatos.",
    "flow.too_deep": "O documento tem mais de {limit} níveis aninhados; simplifique.",
    "flow.too_large": "O documento passa de {limit_mb} MB; divida o fluxo.",
    "flow.not_a_flow": "Este JSON é {kind} e não um fluxo; um fluxo é um objeto com format, id,"
    " name, nodes e edges.",
    "flow.problems_left_out": "Há mais problemas do que estes {listed}; corrija e verifique de"
    " novo.",
    "flow.key_twice": "“{key}” aparece duas vezes no mesmo objeto; deixe uma.",
    "flow.format_unknown": "O formato “{format}” não é conhecido; esta versão lê até o formato"
    " {newest}. Atualize o Tramo ou corrija “format”.",
    "flow.id_invalid": "“{found}” não pode ser o id de um fluxo; escreva flow_ e até 64 letras,"
    " algarismos, _ ou -.",
    "flow.too_many_nodes": "O fluxo tem {count} nós, e no máximo {limit} são permitidos; divida em"
    " vários fluxos. Os parâmetros dos nós além do limite não foram verificados.",
    "flow.no_trigger": "O fluxo não tem gatilho, então nada pode iniciá-lo; adicione um.",
    "flow.cycle": "Estes nós formam um círculo: {nodes}. Remova uma das linhas entre eles.",
    "flow.timezone_unknown": "“{found}” não é um fuso horário; escreva um como America/Sao_Paulo.",
    "flow.key_invalid": "A chave “{key}” deve ser um caminho, como line_items[].sku, ou uma"
    " expressão.",
    "flow.layout_unknown": "O layout posiciona “{id}”, e esse nó não existe; é ignorado.",
    "flow.note_twice": "“{id}” é o id de duas notas; dê outro a uma delas.",
    "flow.note_unknown": "Um grupo contém “{id}”, e esse nó não existe; é ignorado.",
    # Nós
    "node.id_invalid": "“{found}” não pode ser o id de um nó; escreva minúsculas, algarismos e _,"
    " começando com uma letra, no máximo 64.",
    "node.id_reserved": "“{id}” é uma palavra da linguagem de expressões; dê outro id ao nó.",
    "node.id_twice": "Outro nó já tem o id “{id}”; dê outro a este.",
    "node.type_invalid": "“{found}” não é um tipo de nó; escreva um como core.set.",
    "node.type_unknown": "“{node}”: o tipo de nó “{type}” não está instalado; instale seu conector"
    " ou escolha outro.",
    "node.version_unknown": "“{node}”: a versão {v} de “{type}” não está instalada; atualize seu"
    " conector.",
    "node.unreachable": "Nenhum gatilho leva a “{node}”, então ele nunca é executado; conecte ou"
    " remova.",
    "node.connection_missing": "“{node}” não tem conexão; escolha a conta com que ele trabalha.",
    "node.connection_unknown": "“{node}” indica uma conexão que não está aqui ou é de outro"
    " sistema; escolha uma deste espaço de trabalho.",
    "node.connection_unused": "“{node}” não usa conexão; remova.",
    "node.once_unknown": "“{node}” deve acontecer uma vez por “{key}”, mas nenhum gatilho do fluxo"
    " traz essa chave. Chaves conhecidas: {known}.",
    "node.setting_unused": "“{node}” não leva “{setting}” em conta: não alcança nada lá fora nem"
    " espera por nada; remova-o.",
    "node.repeat_costly": "“{node}” custa dinheiro ou estoque, então nunca é repetido em caso de"
    " dúvida; ponha on_doubt em ask ou skip.",
    "node.merge_single": "Menos de duas linhas chegam a “{node}”, então não há o que juntar.",
    "node.error_port_unused": "Os erros de “{node}” são recolhidos e não vão a lugar nenhum;"
    " conecte a saída error ou deixe a execução parar.",
    "node.respond_unheard": "“{node}” não responde a ninguém; ponha a resposta de um webhook em"
    " respond.",
    "webhook.respond_missing": "“{node}” espera uma resposta do fluxo, e nenhum nó Responder a dá;"
    " adicione um.",
    # Saídas e linhas
    "port.error_reserved": "“{node}”: o nome de saída error é reservado; escolha outro.",
    "port.twice": "“{node}”: duas saídas se chamam “{port}”; renomeie uma.",
    "edge.node_unknown": "A linha cita o nó “{id}”, que não existe.",
    "edge.port_unknown": "“{node}” não tem a saída “{port}”; tem: {ports}.",
    "edge.error_port_off": "“{node}” ainda não tem saída error; ponha seu on_error em branch.",
    "edge.after_end": "“{node}” encerra a execução, então o que vem depois nunca é executado;"
    " remova a linha.",
    "edge.twice": "Há duas linhas da saída “{port}” de “{node}” para “{to}”; remova uma.",
    "edge.self_loop": "“{node}” leva a si mesmo; remova a linha.",
    "edge.into_trigger": "Uma linha leva ao gatilho “{node}”; nada pode levar a um gatilho.",
    "edge.crosses_box": "A linha de “{node}” a “{to}” cruza a borda de uma repetição; ambos devem"
    " estar dentro da mesma.",
    # Repetições
    "loop.inside_unknown": "“{node}” está dentro de “{id}”, e esse nó não existe.",
    "loop.inside_not_loop": "“{node}” está dentro de “{box}”, que não é uma repetição; só um nó"
    " for_each pode conter outros.",
    "loop.nested_in_itself": "Estas repetições estão umas dentro das outras em círculo: {nodes}."
    " Tire uma.",
    "loop.trigger_inside": "O gatilho “{node}” está dentro de uma repetição; tire-o.",
    "loop.name_invalid": "“{node}”: “{name}” não pode nomear o item da repetição; escreva"
    " minúsculas, algarismos e _, e nenhuma palavra reservada.",
    "loop.name_taken": "“{node}”: um nó tem o id “{name}”; dê outro nome ao item da repetição.",
    "loop.name_twice": "“{node}” e a repetição ao redor, “{box}”, chamam seu item de “{name}”; dê"
    " outro nome a um deles com “as”.",
    "loop.empty": "Não há nenhum nó dentro da repetição “{node}”, então ela não faz nada.",
    "loop.collect_unknown": "“{node}” reúne de “{name}”, e não há tal nó diretamente dentro dele;"
    " indique um de: {known}.",
    # Eventos que os nós esperam
    "event.type_unknown": "“{node}” espera “{type}”, e nenhum gatilho com esse nome está"
    " instalado; escolha o gatilho que conta o evento.",
    "event.key_unknown": "“{node}” espera “{type}” por “{key}”, uma chave que esses eventos não"
    " levam. Eles levam: {known}.",
    "event.value_missing": "“{node}” espera um evento por “{key}”, e nenhum gatilho do fluxo leva"
    " essa chave; indique o seu valor. Chaves conhecidas: {known}.",
    # O que as expressões leem
    "expression.not_before": "{place}: “{name}” não vem antes deste nó, então sua saída não pode"
    " ser lida aqui; conecte para que venha.",
    "expression.inside_loop": "{place}: “{name}” está dentro da repetição “{box}”; leia os"
    " resultados da repetição.",
    "expression.own_output": "{place}: um nó não pode ler a própria saída.",
    "expression.not_in_loop": "{place}: “{name}” só existe dentro de uma repetição.",
    "expression.reads_disabled": "{place}: “{name}” está desligado, então não tem saída.",
    # Alerts
    "alerts.reader_invalid": "“{found}” não é um endereço de e-mail nem um canal; escreva algo"
    " como ana@example.com ou #avisos.",
    "alerts.channel_alone": "Para chegar a “{found}”, os alertas precisam da conexão de um chat;"
    " escolha uma ou escreva um endereço de e-mail.",
    "alerts.connection_unknown": "Os alertas nomeiam uma conexão que não está aqui ou que não leva"
    " mensagens; escolha outra deste espaço de trabalho.",
}
