"""Word patterns know danger in Spanish, French, German, Portuguese and Polish, as people type it."""

from __future__ import annotations

import unicodedata

import pytest

from helpline.paths import DATA
from helpline.risk.patterns import PatternSet, load_patterns
from helpline.risk.signals import signals
from helpline.risk.text import plain

SPANISH = {
    "overdose_now": [
        "mi amigo no reacciona, que hago",
        "mi hermana está inconsciente y tiene los labios azulados",
        "creo que le ha dado una sobredosis",
        "se ha metido demasiada heroina ayuda",
        "No puedo despertarla!!!",
        "le sale espuma por la boca",
    ],
    "child_poisoning": ["mi niña se acaba de tragar una pastilla", "mi bebé tiene una pastilla en la boca"],
    "suicide_plan_now": [
        "esta noche me suicido",
        "me voy a tirar por el balcon",
        "ya escribi mi carta de despedida",
        "mi hermano dice que se va a matar",
        "voy a quitarme la vida",
        "tengo las pastillas preparadas para morirme",
    ],
    "suicide_attempt_in_progress": [
        "me acabo de tomar todas las pastillas",
        "me he tomado un bote de pastillas",
        "mi novia se ha cortado las venas",
        "está a punto de ahorcarse",
        "esta intentando suicidarse",
    ],
    "suicide_method_seeking": [
        "como puedo matarme",
        "cuantas pastillas hacen falta para no despertar",
        "dime la forma mas rapida de morir",
        "necesito algo para matarme",
    ],
    "suicidal_ideation_active": [
        "tengo ganas de morirme",
        "ya no kiero estar viva",
        "pienso todo el tiempo en suicidarme",
        "mi hija dice que quiere morirse",
        "kiero morirme",
    ],
    "suicidal_behavior_recent": [
        "me intente ahorcar el sábado",
        "anoche mi hijo intentó quitarse la vida",
        "intento suicidarse ayer",
        "he intentado matarme",
    ],
    "self_harm_now": ["me estoy cortando los brazos en el baño"],
    "self_harm": ["cuando estoy mal me corto las piernas"],
    "violence_now": ["mi marido nos amenaza con un cuchillo", "esta pegando a mi madre"],
    "abuse": ["mi padrastro me pega", "mi pareja abusa de mi hija"],
    "minor_at_risk": ["tengo 14 años y me pincho heroína"],
    "withdrawal_emergency": ["dejó el alcohol hace dos días y ve cosas"],
    "withdrawal_danger": ["he dejado el alprazolam de golpe"],
    "return_to_use": ["acabo de salir de la carcel y esta noche quiero pincharme"],
    "using_alone": ["estoy sola en casa y voy a meterme"],
    "mixing": ["he tomado metadona con alprazolam"],
    "medical_emergency": ["mi padre vomita sangre"],
    "psychosis_danger": ["las voces me ordenan que lo mate"],
    "human_request": ["quisiera hablar con una persona real", "pásame con un operador"],
}
FRENCH = {
    "overdose_now": [
        "il respire pu aidez moi",
        "J'arrive pas à le réveiller",
        "elle a les lèvres toutes bleues",
        "je crois qu'il fait une overdose",
        "j'ai pris trop de méthadone",
        "mon pote est inconscient par terre",
    ],
    "child_poisoning": ["ma fille a avalé un de mes comprimés", "mon fils vient d'avaler de la méthadone"],
    "suicide_plan_now": [
        "jvais me suicider",
        "ce soir je me pends",
        "j'ai écrit ma lettre d'adieu",
        "je vais mettre fin à mes jours",
        "mon frère menace de se suicider",
        "je vais sauter du pont",
    ],
    "suicide_attempt_in_progress": [
        "j'ai avalé toute la boîte",
        "g pris tous mes cachets",
        "je me suis ouvert les veines",
        "elle est en train de se pendre",
        "je suis sur le pont et je vais sauter",
    ],
    "suicide_method_seeking": [
        "comment me tuer",
        "comment mourir sans souffrir",
        "combien de cachets pour mourir",
        "le moyen le plus rapide de mourir",
    ],
    "suicidal_ideation_active": [
        "j'ai envie de crever",
        "jveux mourir",
        "j'ai plus envie de vivre",
        "ma copine dit qu'elle veut mourir",
        "je pense souvent à me tuer",
    ],
    "suicidal_behavior_recent": [
        "j'ai essayé de me tuer",
        "hier ma fille a essayé de se pendre",
        "j'ai fait une TS cette nuit",
        "mon mari a tenté de se suicider hier",
    ],
    "self_harm_now": ["j'ai coupé trop profond"],
    "self_harm": ["elle se scarifie", "je me suis encore scarifiée"],
    "violence_now": ["il veut me tuer", "mon mec est en train de me frapper"],
    "abuse": ["mon mari me bat", "il m'a violée"],
    "minor_at_risk": ["j'ai 15 ans et je prends de l'héro"],
    "withdrawal_emergency": ["il a arrêté l'alcool et il a des convulsions"],
    "withdrawal_danger": ["j'ai arrêté le xanax d'un coup"],
    "return_to_use": ["je sors de prison et ce soir je vais reprendre"],
    "using_alone": ["je me shoote toujours tout seul"],
    "mixing": ["j'ai pris de la métha avec du valium"],
    "medical_emergency": ["mon père crache du sang"],
    "psychosis_danger": ["les voix me disent de le tuer"],
    "human_request": ["je voudrais parler à une vraie personne", "jveux parler avec quelqu'un"],
}
GERMAN = {
    "overdose_now": [
        "er atmet gar nicht mehr",
        "wir bekommen ihn nicht wach",
        "ihre Lippen sind ganz blau",
        "ich glaub er hat ne Überdosis",
        "sie liegt bewusstlos im Bad",
        "mein Freund hat zu viel Heroin gespritzt",
    ],
    "child_poisoning": ["mein Sohn hat eine Tablette verschluckt", "meine Tochter hat Methadon getrunken"],
    "suicide_plan_now": [
        "heute bring ich mich um",
        "ich werde mich heute erhängen",
        "hab den Abschiedsbrief schon geschrieben",
        "ich spring gleich von der Brücke",
        "mein Bruder droht sich umzubringen",
        "ich nehm mir heute das Leben",
    ],
    "suicide_attempt_in_progress": [
        "hab grad die ganze Packung genommen",
        "ich hab mir die Pulsadern aufgeschnitten",
        "ich steh auf dem Dach und will springen",
        "er versucht gerade sich zu erhängen",
        "hab 30 Tabletten geschluckt",
        "sie liegt auf den Gleisen",
    ],
    "suicide_method_seeking": [
        "wie bringe ich mich am besten um",
        "wie kann ich schmerzlos sterben",
        "wieviele Tabletten um nicht mehr aufzuwachen",
        "was ist die schnellste Methode sich umzubringen",
    ],
    "suicidal_ideation_active": [
        "ich will nimmer leben",
        "ich moechte einfach nur sterben",
        "hab wieder Suizidgedanken",
        "meine Freundin will sich umbringen",
        "ich denke oft an Selbstmord",
    ],
    "suicidal_behavior_recent": [
        "ich hab letzte Woche versucht mich umzubringen",
        "gestern hat mein Sohn versucht sich das Leben zu nehmen",
        "ich wollte mich gestern vor den Zug werfen",
        "nach meinem Suizidversuch bin ich jetzt daheim",
    ],
    "self_harm_now": ["ich hab viel zu tief geschnitten"],
    "self_harm": ["meine Tochter ritzt sich"],
    "violence_now": ["mein Mann schlägt mich gerade", "er will mich umbringen"],
    "abuse": ["mein Stiefvater misshandelt mich"],
    "minor_at_risk": ["bin 14 und nehme Drogen"],
    "withdrawal_emergency": ["er hat einen Krampfanfall, seit dem Alkohol Entzug"],
    "withdrawal_danger": ["ich hab von heute auf morgen mit dem Trinken aufgehört"],
    "return_to_use": ["komm grad aus dem Knast und will heut wieder drücken"],
    "using_alone": ["ich spritz immer allein"],
    "mixing": ["hab Tilidin mit Alkohol genommen"],
    "medical_emergency": ["mein Vater spuckt Blut"],
    "psychosis_danger": ["die Stimmen sagen ich soll sie töten"],
    "human_request": ["ich will mit einem echten Menschen reden"],
}
PORTUGUESE = {
    "overdose_now": [
        "ele n respira socorro",
        "minha amiga tá inconsciente",
        "a boca dele tá roxa",
        "não consigo acordar meu irmão",
        "acho que ele teve uma overdose",
        "ela não está a respirar",
    ],
    "child_poisoning": ["meu bebê engoliu um comprimido", "a minha filha tomou um remédio meu"],
    "suicide_plan_now": [
        "hoje eu me mato",
        "vou suicidar-me",
        "ja escrevi a carta de despedida",
        "vou pular da ponte",
        "minha irmã disse que vai se matar",
        "vou acabar com a minha vida",
    ],
    "suicide_attempt_in_progress": [
        "tomei a caixa inteira de rivotril",
        "acabei de cortar os pulsos",
        "to na ponte e vou pular",
        "minha mãe tomou uma cartela inteira",
        "ele está a tentar matar-se",
    ],
    "suicide_method_seeking": [
        "qual o jeito mais rápido de morrer",
        "quantos comprimidos preciso pra morrer",
        "como faço pra me matar",
        "qual veneno tomar para morrer",
    ],
    "suicidal_ideation_active": [
        "tenho vontade de morrer",
        "nao quero mais viver",
        "penso todo dia em me matar",
        "minha filha disse que quer morrer",
        "qro morrer",
    ],
    "suicidal_behavior_recent": [
        "tentei me enforcar",
        "meu filho tentou se matar ontem",
        "ontem ela tentou tirar a própria vida",
        "tentei suicidar-me",
    ],
    "self_harm_now": ["to me cortando agora", "cortei muito fundo"],
    "self_harm": ["voltei a me cortar"],
    "violence_now": ["meu marido está me espancando agora", "ele quer me matar com uma faca"],
    "abuse": ["meu padrasto me bate", "meu namorado bate em mim"],
    "minor_at_risk": ["tenho 15 anos e uso drogas"],
    "withdrawal_emergency": ["parou de beber e tá vendo coisas"],
    "withdrawal_danger": ["parei de tomar o rivotril de uma vez"],
    "return_to_use": ["acabei de sair da cadeia e hoje vou usar"],
    "using_alone": ["tou sozinha em casa e vou injetar"],
    "mixing": ["tomei metadona com vodka"],
    "medical_emergency": ["estou a vomitar sangue"],
    "psychosis_danger": ["as vozes me mandam matar minha mãe", "ouço vozes que mandam matar"],
    "human_request": ["queria falar com uma pessoa real"],
}
POLISH = {
    "overdose_now": [
        "nie moge go dobudzic",
        "chlopak sie nie budzi",
        "ona ma sine usta",
        "chyba przedawkowałam",
        "wziął za dużo heroiny",
        "przestala oddychac",
    ],
    "child_poisoning": ["dziecko zjadło moje tabletki", "synek ma tabletkę w buzi"],
    "suicide_plan_now": [
        "zabije sie dzisiaj",
        "powieszę się",
        "napisalam juz list pozegnalny",
        "skoczę z mostu",
        "brat mówi że się zabije",
        "koncze ze soba",
    ],
    "suicide_attempt_in_progress": [
        "wzielam wszystkie tabletki",
        "podciąłem sobie żyły",
        "stoję na moście i zaraz skoczę",
        "siostra połknęła całe opakowanie leków",
        "najadłam się tabletek",
    ],
    "suicide_method_seeking": [
        "jak sie zabic",
        "jak szybko umrzeć",
        "ile tabletek trzeba żeby umrzeć",
        "jak najlatwiej skonczyc ze soba",
    ],
    "suicidal_ideation_active": [
        "chce umrzec",
        "nie chce mi się już żyć",
        "mam myśli samobójcze",
        "córka mówi że chce się zabić",
        "myślę ciągle o samobójstwie",
    ],
    "suicidal_behavior_recent": [
        "wczoraj próbowałam się zabić",
        "syn probowal sie powiesic w tym tygodniu",
        "wyszłam ze szpitala po próbie samobójczej",
        "probowalem odebrac sobie zycie",
    ],
    "self_harm_now": ["pocięłam się za głęboko"],
    "self_harm": ["znowu sie tne"],
    "violence_now": ["on mnie teraz bije", "on ma nóż i grozi"],
    "abuse": ["ojczym mnie molestuje"],
    "minor_at_risk": ["mam 15 lat i biorę heroinę"],
    "withdrawal_emergency": ["przestał pić i widzi robaki"],
    "withdrawal_danger": ["odstawiłam xanax z dnia na dzień"],
    "return_to_use": ["wczoraj wyszedłem z wiezienia i dzisiaj wezmę"],
    "using_alone": ["cpam sama"],
    "mixing": ["wziąłem metadon z alkoholem"],
    "medical_emergency": ["tata wymiotuje krwia"],
    "psychosis_danger": ["głosy każą mi ją zabić"],
    "human_request": ["chcialabym z czlowiekiem porozmawiac"],
}
LANGUAGES = {"es": SPANISH, "fr": FRENCH, "de": GERMAN, "pt": PORTUGUESE, "pl": POLISH}
DANGERS = [
    pytest.param(signal, text, id=f"{language} {signal} {number}")
    for language, told in LANGUAGES.items()
    for signal, texts in told.items()
    for number, text in enumerate(texts)
]

#: Idioms, questions about the topic, what is past or denied, and everyday sentences near to danger in their words.
HARMLESS = {
    "es": [
        "jaja me muero de risa",
        "¿Qué es la metadona y cómo funciona?",
        "me muero de hambre y me mato a trabajar",
        "¿Se puede tener una sobredosis la primera vez?",
        "¿Es peligroso dejar de beber de golpe?",
        "el tráfico me está matando",
        "¿Cómo puedo matar las cucarachas de mi cocina?",
        "llevo dos años limpio y estoy muy contento",
        "¿Dónde consigo naloxona en mi ciudad?",
        "me tomé demasiado café esta mañana",
    ],
    "fr": [
        "je suis mort de rire",
        "Comment en finir avec l'addiction ?",
        "c'est quoi la naloxone ?",
        "peut-on faire une overdose dès la première fois ?",
        "je meurs de faim",
        "est-ce dangereux d'arrêter l'alcool d'un coup ?",
        "j'ai pris deux cachets de doliprane",
        "ce soir je finis à 18h",
        "que faire contre les idées suicidaires ?",
        "ce bruit me tue",
    ],
    "de": [
        "ich bin todmüde",
        "ich lach mich tot",
        "Wie kann ich mich um meine Tochter kümmern?",
        "was ist Methadon?",
        "Kann man beim ersten Mal eine Überdosis bekommen?",
        "Ist ein kalter Entzug alleine gefährlich?",
        "wir essen mit Messer und Gabel",
        "ich sterbe vor Langeweile",
        "ich bin seit zwei Jahren clean und froh darüber",
        "woran erkennt man eine Überdosis?",
    ],
    "pt": [
        "morro de saudade de você",
        "tô morrendo de rir",
        "o que é a metadona?",
        "dá pra ter overdose na primeira vez?",
        "como eu mato baratas na cozinha?",
        "vou matar aula hoje",
        "não quero viver em São Paulo",
        "que calor de matar",
        "tá me batendo uma saudade",
        "estou limpo há dois anos",
    ],
    "pl": [
        "umieram ze śmiechu",
        "jestem śmiertelnie zmęczony",
        "co to jest metadon?",
        "czy można przedawkować za pierwszym razem?",
        "mama mnie zabije jak się dowie",
        "umieram z głodu",
        "jestem czysty od dwóch lat",
        "Czy nagłe odstawienie alkoholu jest niebezpieczne?",
        "chcę żyć i zacząć od nowa",
        "nie mam myśli samobójczych",
    ],
    "en": [
        "they live in Toronto and they come to see me on Sunday",
        "the plan is to come home to Die Hard and to order a pizza",
        "my mum and dad are on a trip to Paris, they will be back on Monday",
        "can he take the train to the mall so that I need not drive?",
    ],
}
QUIET = [
    pytest.param(text, id=f"{language} {number}")
    for language, texts in HARMLESS.items()
    for number, text in enumerate(texts)
]


@pytest.fixture(scope="module")
def certain() -> PatternSet:
    """Load the patterns as the product does, once."""
    return load_patterns(DATA / "risk" / "certain.yml", set(signals()))


def found(patterns: PatternSet, text: str) -> set[str]:
    return {hit.name for hit in patterns.hits(plain(text).text)}


def without_accents(text: str) -> str:
    spelled = text.translate(str.maketrans({"ł": "l", "Ł": "L", "ß": "ss"}))
    return "".join(mark for mark in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(mark))


@pytest.mark.parametrize(("signal", "text"), DANGERS)
def test_a_danger_is_found(certain: PatternSet, signal: str, text: str) -> None:
    assert signal in found(certain, text)


@pytest.mark.parametrize(("signal", "text"), DANGERS)
def test_a_danger_is_found_in_capitals(certain: PatternSet, signal: str, text: str) -> None:
    """As people in panic type it."""
    assert signal in found(certain, text.upper())


@pytest.mark.parametrize(("signal", "text"), DANGERS)
def test_a_danger_is_found_without_accents(certain: PatternSet, signal: str, text: str) -> None:
    """As people on a foreign keyboard, or in a hurry, type it."""
    assert signal in found(certain, without_accents(text))


@pytest.mark.parametrize("text", QUIET)
def test_what_is_harmless_raises_nothing(certain: PatternSet, text: str) -> None:
    assert found(certain, text) == set()
