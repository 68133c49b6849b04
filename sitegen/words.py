"""What numbered things and callouts are called in the language of a page; `words:` in site.yml says otherwise."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = (
    *("fig", "tbl", "eq", "sec", "lst", "alg", "thm", "lem", "cor", "prp", "def", "exm", "exr", "rem"),
    *("proof", "solution", "note", "tip", "important", "warning", "caution", "references", "notation"),
    *("cnj", "axiom", "assumption", "claim", "criterion", "observation", "property"),
)
_NARROW = "\N{NO-BREAK SPACE}"
_TABLE = {
    "en": "Figure Table Equation Section Listing Algorithm Theorem Lemma Corollary Proposition Definition Example Exercise"
    " Remark Proof Solution Note Tip Important Warning Caution References Notation"
    " Conjecture Axiom Assumption Claim Criterion Observation Property",
    "de": "Abbildung Tabelle Gleichung Abschnitt Listing Algorithmus Satz Lemma Korollar Proposition Definition Beispiel"
    " Aufgabe Bemerkung Beweis Lösung Hinweis Tipp Wichtig Warnung Vorsicht Literatur Bezeichnungen"
    " Vermutung Axiom Annahme Behauptung Kriterium Beobachtung Eigenschaft",
    "fr": "Figure Tableau Équation Section Listing Algorithme Théorème Lemme Corollaire Proposition Définition Exemple"
    " Exercice Remarque Démonstration Solution Note Astuce Important Attention Prudence Références Notations"
    " Conjecture Axiome Hypothèse Assertion Critère Observation Propriété",
    "es": "Figura Tabla Ecuación Sección Listado Algoritmo Teorema Lema Corolario Proposición Definición Ejemplo Ejercicio"
    " Observación Demostración Solución Nota Consejo Importante Advertencia Precaución Referencias Notación"
    " Conjetura Axioma Hipótesis Afirmación Criterio Observación Propiedad",
    "it": "Figura Tabella Equazione Sezione Listato Algoritmo Teorema Lemma Corollario Proposizione Definizione Esempio"
    " Esercizio Osservazione Dimostrazione Soluzione Nota Suggerimento Importante Avvertenza Attenzione Riferimenti Notazione"
    " Congettura Assioma Ipotesi Affermazione Criterio Osservazione Proprietà",
    "pt": "Figura Tabela Equação Seção Listagem Algoritmo Teorema Lema Corolário Proposição Definição Exemplo Exercício"
    " Observação Demonstração Solução Nota Dica Importante Aviso Cuidado Referências Notação"
    " Conjectura Axioma Hipótese Afirmação Critério Observação Propriedade",
    "nl": "Figuur Tabel Vergelijking Sectie Listing Algoritme Stelling Lemma Gevolg Propositie Definitie Voorbeeld Opgave"
    " Opmerking Bewijs Oplossing Notitie Tip Belangrijk Waarschuwing Let\u00a0op Referenties Notatie"
    " Vermoeden Axioma Aanname Bewering Criterium Observatie Eigenschap",
    "pl": "Rysunek Tabela Równanie Sekcja Listing Algorytm Twierdzenie Lemat Wniosek Stwierdzenie Definicja Przykład"
    " Ćwiczenie Uwaga Dowód Rozwiązanie Notatka Wskazówka Ważne Ostrzeżenie Uwaga Bibliografia Oznaczenia"
    " Hipoteza Aksjomat Założenie Teza Kryterium Obserwacja Własność",
    "ru": "Рисунок Таблица Уравнение Раздел Листинг Алгоритм Теорема Лемма Следствие Предложение Определение Пример"
    " Упражнение Замечание Доказательство Решение Примечание Совет Важно Предупреждение Осторожно Литература Обозначения"
    " Гипотеза Аксиома Предположение Утверждение Критерий Наблюдение Свойство",
    "ko": "그림 표 식 절 코드 알고리즘 정리 보조정리 따름정리 명제 정의 예제 연습문제 참고 증명 풀이 참고 팁 중요 경고 주의 참고문헌 기호"
    " 추측 공리 가정 주장 판정법 관찰 성질",
    "ja": "図 表 式 節 リスト アルゴリズム 定理 補題 系 命題 定義 例 演習 注意 証明 解答 注記 ヒント 重要 警告 注意 参考文献 記号"
    " 予想 公理 仮定 主張 判定法 観察 性質",
    "zh": "图 表 公式 章节 代码 算法 定理 引理 推论 命题 定义 例 练习 注 证明 解答 注意 提示 重要 警告 当心 参考文献 记号"
    " 猜想 公理 假设 断言 准则 观察 性质",
    "zh-hant": "圖 表 公式 章節 程式碼 演算法 定理 引理 推論 命題 定義 例 練習 註 證明 解答 注意 提示 重要 警告 當心 參考文獻 記號"
    " 猜想 公理 假設 斷言 準則 觀察 性質",
    "ar": "الشكل الجدول المعادلة القسم الشيفرة الخوارزمية المبرهنة التمهيدية النتيجة القضية التعريف المثال التمرين الملاحظة"
    " البرهان الحل ملاحظة نصيحة مهم تحذير احترس المراجع الرموز"
    " الحدسية البديهية الفرضية الادعاء المعيار المشاهدة الخاصية",
    "fa": "شکل جدول معادله بخش کد الگوریتم قضیه لم نتیجه گزاره تعریف مثال تمرین ملاحظه"
    " اثبات راه\u200cحل یادداشت نکته مهم هشدار احتیاط مراجع نمادها"
    " حدس اصل فرض ادعا معیار مشاهده ویژگی",
}  # fmt: skip
_PHRASES = {
    "en": (
        "Data",
        "Let it move, or stand still",
        "Not run.",
        "This part was not computed when the page was built.",
        "How this is checked",
    ),
    "de": (
        "Daten",
        "Bewegen oder anhalten",
        "Nicht gelaufen.",
        "Dieser Teil wurde beim Bau der Seite nicht berechnet.",
        "Wie das geprüft wird",
    ),
    "fr": (
        "Données",
        "Animer ou arrêter",
        "Non exécuté.",
        "Cette partie n'a pas été calculée à la construction de la page.",
        "Comment c'est vérifié",
    ),
    "es": (
        "Datos",
        "Mover o parar",
        "No ejecutado.",
        "Esta parte no se calculó al construir la página.",
        "Cómo se comprueba",
    ),
    "pt": (
        "Dados",
        "Mover ou parar",
        "Não executado.",
        "Esta parte não foi calculada na construção da página.",
        "Como isto é verificado",
    ),
    "ru": (
        "Данные",
        "Двигать или остановить",
        "Не выполнено.",  # noqa: RUF001 - Russian has these letters
        "Эта часть не вычислялась при сборке страницы.",
        "Как это проверено",
    ),
    "fa": ("داده", "حرکت یا ایست", "اجرا نشد.", "این بخش هنگام ساخت صفحه محاسبه نشده است.", "این چگونه بررسی می‌شود"),
    "ko": (
        "데이터",
        "움직이거나 멈추기",
        "실행 안 됨.",
        "이 부분은 페이지를 만들 때 계산되지 않았습니다.",
        "확인하는 방법",
    ),
    "ja": (
        "データ",
        "動かす、または止める",
        "未実行。",
        "この部分はページの作成時に計算されていません。",
        "検証の方法",
    ),
    "zh": ("数据", "播放或停止", "未运行。", "构建页面时没有计算这一部分。", "如何检验"),
    "zh-hant": ("資料", "播放或停止", "未執行。", "建置頁面時沒有計算這一部分。", "如何檢驗"),
    "ar": ("البيانات", "تحريك أو إيقاف", "لم يُشغَّل.", "لم يُحسب هذا الجزء عند بناء الصفحة.", "كيف يُفحص هذا"),
}
PHRASES = ("data", "move", "not-run", "not-computed", "how-checked")
"""What a page says around results, where a language of the theme has words for it; else in English."""

_OF_CALLOUTS = {"nte": "note", "wrn": "warning", "imp": "important", "cau": "caution"}  # Quarto's labels of callouts
_TRADITIONAL = {"zh-tw", "zh-hk", "zh-mo"}


KNOWN = frozenset((*NAMES, *PHRASES))
"""Every name that a blog may give a word of its own."""


def written_language(lang: str) -> str:
    """Return the language that a code names, without its country, but with the script of Chinese where it is the traditional one."""
    lang = lang.lower().replace("_", "-")
    return "zh-hant" if lang in _TRADITIONAL or lang.startswith("zh-hant") else lang.partition("-")[0]


def words_of(lang: str, own: Mapping[str, str]) -> Mapping[str, str]:
    """Return the words of a language by their names, English where it is not known; `own` are the blog's."""
    words = _TABLE.get(written_language(lang), _TABLE["en"]).split(" ")
    phrases = _PHRASES.get(written_language(lang), _PHRASES["en"])
    known = {**dict(zip((*NAMES, *PHRASES), (*words, *phrases), strict=True)), **own}
    return {**{kind: known[word] for kind, word in _OF_CALLOUTS.items()}, **known}


@cache
def spellings(name: str) -> frozenset[str]:
    """Return the words of all languages for a name, without capitals: a text may be in another than its page says."""
    if name not in NAMES:
        return frozenset()
    return frozenset(words.split(" ")[NAMES.index(name)].lower() for words in _TABLE.values())


def numbered(word: str, number: str) -> str:
    """Return a word with its number, which no line break may part."""
    return f"{word}{_NARROW}{number}"
