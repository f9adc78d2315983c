"""A cheap guess at a text's language, for pages that do not state it: by script, then by stopwords."""

from __future__ import annotations

import re
from typing import Final

_SAMPLE_CHARS: Final = 4_000
_MIN_WORDS: Final = 8
_LETTER: Final = re.compile(r"[^\W\d_]")
_WORD: Final = re.compile(r"[^\W\d_]+")

# Scripts that name their language, in the order they are asked for: kana before Han, for Japanese has both.
_SCRIPTS: tuple[tuple[str, str, float], ...] = (
    ("ja", "[\u3040-\u30ff]", 0.1),
    ("ko", "[\uac00-\ud7af]", 0.3),
    ("zh", "[\u4e00-\u9fff]", 0.3),
    ("th", "[\u0e00-\u0e7f]", 0.3),
    ("lo", "[\u0e80-\u0eff]", 0.3),
    ("my", "[\u1000-\u109f]", 0.3),
    ("km", "[\u1780-\u17ff]", 0.3),
    ("ka", "[\u10a0-\u10ff]", 0.3),
    ("hy", "[\u0530-\u058f]", 0.3),
    ("el", "[\u0370-\u03ff]", 0.3),
    ("he", "[\u0590-\u05ff]", 0.3),
    ("am", "[\u1200-\u137f]", 0.3),
    ("bn", "[\u0980-\u09ff]", 0.3),
    ("pa", "[\u0a00-\u0a7f]", 0.3),
    ("gu", "[\u0a80-\u0aff]", 0.3),
    ("ta", "[\u0b80-\u0bff]", 0.3),
    ("te", "[\u0c00-\u0c7f]", 0.3),
    ("kn", "[\u0c80-\u0cff]", 0.3),
    ("ml", "[\u0d00-\u0d7f]", 0.3),
    ("si", "[\u0d80-\u0dff]", 0.3),
)
_COMPILED: Final = tuple((language, re.compile(pattern), share) for language, pattern, share in _SCRIPTS)
_ANY_SCRIPT: Final = re.compile("[" + "".join(pattern[1:-1] for _, pattern, _ in _SCRIPTS) + "]")

# The commonest little words of each language; a word that many languages share counts for each of them.
_STOPWORDS: Final = {
    "en": "the of and to in that is was for on with as it by at from said has have be are not this who were he his but",
    "fr": "le la les de des du et un une en que qui dans pour sur au aux est par pas avec plus ce sont ont été cette il elle son",
    "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an aus hat dass sie nach wird",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha este entre cuando",
    "it": "di che il la e in un per è una non con sono da del le si della dei nel alla ha gli dal più anche al come lo delle",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao das à foi são seu sua ou também pelo",
    "nl": "de het een van en in is op te dat die voor met zijn aan niet er om ook als bij door maar uit naar heeft worden hij nog",
    "sv": "och att det i en som är av för på den med till inte har de ett om var men sig så vi från kan eller under också när",
    "da": "og at det i en er af for på den med til ikke har de et som der var men sig så vi fra kan eller også blev han efter",
    "no": "og i det er på som en å til av for at med de ikke har den et han om var men seg så fra vi kan eller også etter ble",
    "fi": "ja on ei että se oli hän kun mutta joka myös ovat mukaan ole niin kuin sekä sen tai jos nyt vain olla ovat joten",
    "pl": "w i na się z do nie że jest o to jak po za od przez tym są ale dla co czy może już także było który tego jego ich",
    "cs": "a v se na je že s z do o to ve pro by i ale jako za po jsou od které však který podle bude byl jeho nebo už také",
    "ro": "de și a în la cu pe care nu din să o un se că mai este au pentru fi prin fost sunt dar după al ale lui acest",
    "hu": "a az és hogy nem is egy meg ez de volt csak már még el ha mint vagy lehet után között szerint azt ezt pedig",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi en kadar sonra ise ancak olduğu var ne göre dedi her değil",
    "id": "yang dan di dengan untuk dari ini itu pada dalam tidak akan ke juga oleh ada telah mereka bisa para sudah saat",
    "vi": "và của là có cho được trong một không với các những người đã này khi từ đến về ra cũng năm theo tại để",
    "ru": "и в не на что с по к о из у за от это как но он для же все его она бы так было при также до или мы",
    "uk": "і в не на що з до у та як за від це про але він для його вона також або були ми під яка був після під які",
    "bg": "и на в се да за от не е с че по са като той до има това но а при след ще или както беше които",
    "sr": "и у је да се на за су од са не који као што из по до али или није ће био након због само",
    "ar": "في من على أن إلى عن مع هذا التي الذي ما لا أو بعد كان قد هذه ذلك بين كما حيث وقال خلال",
    "fa": "و در به از که این را با است برای آن یک تا هم می بر شد بود های شده خود اما گفت کرد",
    "ur": "کے کی میں ہے اور سے کا کو نے پر کہ ہیں اس یہ بھی تھا ایک جو کیا تھے نہیں گیا کہا",
    "hi": "के में की है और से का को ने पर कि हैं इस यह भी था एक जो नहीं कर लिए कहा साथ गया",
    "mr": "आणि आहे या च्या मध्ये तर ही हे की व तो ते होते असे आहेत केली केला नाही",
}


def _by_word() -> dict[str, list[str]]:
    languages: dict[str, list[str]] = {}
    for language, words in _STOPWORDS.items():
        for word in set(words.split()):
            languages.setdefault(word, []).append(language)
    return languages


_SPEAKS_FOR: Final = _by_word()


def guess_language(text: str) -> str | None:
    """The ISO 639-1 code that the text's script and little words speak for, or None where they are too few or tell two alike."""
    sample = text[:_SAMPLE_CHARS]
    return _by_script(sample) or _by_stopwords(sample)


def _by_script(sample: str) -> str | None:
    if _ANY_SCRIPT.search(sample) is None:
        return None
    letters = len(_LETTER.findall(sample))
    for language, pattern, share in _COMPILED:
        if letters and len(pattern.findall(sample)) > share * letters:
            return language
    return None


def _by_stopwords(sample: str) -> str | None:
    words = _WORD.findall(sample)
    if len(words) < _MIN_WORDS:
        return None
    found = dict.fromkeys(_STOPWORDS, 0)
    for word in " ".join(words).casefold().split(" "):
        for language in _SPEAKS_FOR.get(word, ()):
            found[language] += 1
    (best, language), (second, _) = sorted(((count, language) for language, count in found.items()), reverse=True)[:2]
    return language if best >= 0.12 * len(words) and best > 1.05 * second else None
