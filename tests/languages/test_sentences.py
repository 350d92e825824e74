"""Rationales and hints become Chinese, and what is in them stays what it is."""

# ruff: noqa: RUF001 - Chinese has marks of its own

import re
from collections import Counter
from collections.abc import Sequence
from gettext import NullTranslations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pytest_tfgrade.core.codes import Code
from pytest_tfgrade.languages.contents import CONTENTS, Treatment, content_of
from pytest_tfgrade.languages.entry import Entry, sentences, taken_apart
from pytest_tfgrade.languages.sentences import Sentences, sentences_in

CHINESE = sentences_in("zh")

SENTENCES = {
    # A fixed text, a code.
    "the file is plain text": "该文件是纯文本",
    Code.INFRA.text: "评分程序未能完成此任务；分数待定",
    Code.TIMEOUT.hint: "请使用更小的模型，或没有时间循环的模型。",
    # Names and numbers.
    "saved by Keras 2.15.0, required >=3.0,<4": "由 Keras 2.15.0 保存，要求 >=3.0,<4",
    "the output 'kind' has shape (None, 4), required (None, 3)": (
        "输出 'kind' 的形状为 (None, 4)，要求 (None, 3)"
    ),
    "accuracy is nan, required >= 0.82": "accuracy 为 nan，要求 >= 0.82",
    # Parts that are sentences.
    "accuracy 0.79 < 0.82, turned by up to 15 degrees and shifted by up to 1 pixel": (
        "accuracy 0.79 < 0.82，最多旋转 15 度，并最多平移 1 个像素"
    ),
    "accuracy 0.1 < 0.8 on the public part (other rows decide the points)": (
        "accuracy 0.1 < 0.8，这是公开部分的结果（得分由其余行决定）"
    ),
    "the model fails when it is called in another way: E_DTYPE: the model takes int32 "
    "inputs for 'x', the task gives fractions (float32)": (
        "以另一种方式调用时模型失败：E_DTYPE：对于 'x'，模型接受 int32 输入，"
        "任务给出的是小数（float32）"
    ),
    "layer 'lambda' is a Lambda layer, which holds Python code": (
        "层 'lambda' 是 Lambda 层，其中含有 Python 代码"
    ),
    "the model switches off the safe mode of Keras": "模型关闭了 Keras 的安全模式",
    "0 LSTM or GRU layers with weights and units >= 16, required >= 1; 1 more with "
    "other settings": (
        "0 个具有权重和 units >= 16 的 LSTM 或 GRU 层，要求 >= 1；另有 1 个的设置不同"
    ),
    "predictions of shape (8, 3), all finite, the same when asked twice, the same in "
    "batches of 1, 7 and 32": (
        "预测结果的形状为 (8, 3)，全部为有限数，重复调用结果相同，"
        "批次大小为 1、7 和 32 时结果相同"
    ),
    "mae 1, 2 without 'lstm_5': worse by 1, required 0.05; 4 of 10 layers tried (256 "
    "examples)": (
        "mae 为 1，去掉 'lstm_5' 后为 2：差 1，要求 0.05；"
        "试了 10 个层中的 4 个（256 个样本）"
    ),
    # Lists, with parts that nobody knows.
    "1 of 3 cases passed; a: accuracy 0.95 >= 0.9, b: mae 2 > 1 on the public part, "
    "c: as a course's own check says, or not": (
        "3 个数据集中有 1 个达标；a：accuracy 0.95 >= 0.9，b：mae 2 > 1（公开部分）, "
        "c: as a course's own check says, or not"
    ),
    "sum: shape 2/2, accuracy failed": "合计：shape 2/2，accuracy 未通过",
    "Hand in a.keras, a.h5 or the SavedModel folder a. b.h5: did you mean a.h5?": (
        "请提交 a.keras、a.h5 或 SavedModel 文件夹 a。b.h5：您是否想提交 a.h5？"
    ),
    # Of two that fit, the one with more fixed text.
    "Compile the model with loss='mse'.": "请用 loss='mse' 编译模型。",
    "the last activation is unknown, required relu": "最后的激活函数未知，要求 relu",
}


@pytest.mark.parametrize(("english", "chinese"), SENTENCES.items())
def test_a_sentence_is_put_into_chinese(english: str, chinese: str) -> None:
    assert CHINESE.translated(english) == chinese


@pytest.mark.parametrize(
    "text",
    [
        "accuracy 0.79 < 0.82",
        "digits.keras, keras, 12 kB",
        "the model is too plain",
        "Hand in a better model.",
        "Set the rate lower.",
        "Use fewer units.",
        "compiled with great care",
        "any: thing goes",
        "准确率太低",
        "",
    ],
)
def test_what_nobody_knows_stays_as_it_is(text: str) -> None:
    assert CHINESE.translated(text) == text


def test_a_sentence_in_a_name_is_not_put_into_chinese() -> None:
    name = "the file is empty, and saved by Keras 3"

    translated = CHINESE.translated(f"the file is a zip that holds {name!r}")

    assert translated == f"该文件是包含 {name!r} 的 zip"


def test_without_a_catalogue_everything_stays_english() -> None:
    english = Sentences(NullTranslations())

    assert [english.translated(text) for text in SENTENCES] == list(SENTENCES)


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from([sentence for _, sentence in sentences()]),
    st.sampled_from(list(SENTENCES)),
    st.sampled_from(["'", "\\'", "...", ", ", "; ", " and ", "%(name)s", "%s", "(a)"]),
)
"""What a candidate may call a layer or a file."""

NUMBERS = re.compile(r"\d+")


ASCII = st.characters(min_codepoint=32, max_codepoint=126)

CONFUSING: dict[str, st.SearchStrategy[str]] = {
    "quoted": HOSTILE.map(repr),
    "quotes": st.lists(HOSTILE.map(repr), min_size=1, max_size=3).map(", ".join),
    "name": HOSTILE,
    "text": st.sampled_from(list(SENTENCES)),
    "any": st.sampled_from(list(SENTENCES)),
    "list": HOSTILE.filter(bool),
    "listing": HOSTILE.map(lambda name: f"Dense ({name})"),
    "end": HOSTILE.map(lambda name: f"{name!r} (None, 3)"),
    "ends": HOSTILE.map(lambda name: f"{name!r} (None, 3)"),
    "choice": st.sampled_from(["layers", "relu or elu", "[3, 3]", "weights"]),
}


def content(placeholder: str) -> st.SearchStrategy[str]:
    """Return contents of a kind; of names, what a candidate would write to confuse."""
    kind = placeholder.partition("_")[0]
    plain = st.from_regex(CONTENTS[kind].pattern, fullmatch=True, alphabet=ASCII)
    return CONFUSING.get(kind, plain)


WITH_CONTENTS = [sentence for _, sentence in sentences() if "%(" in sentence]


ALL_KEPT = [
    sentence
    for sentence in WITH_CONTENTS
    for names, _ in [taken_apart(sentence)]
    if {content_of(name).treatment for name in names} == {Treatment.KEPT}
]
"""Of which no content is put into another language."""


@st.composite
def filled(
    draw: st.DrawFn, among: Sequence[str] = WITH_CONTENTS
) -> tuple[str, dict[str, str], str]:
    """Draw a sentence, what stands in it, and the whole."""
    sentence = draw(st.sampled_from(among))
    names, _ = taken_apart(sentence)
    contents = {name: draw(content(name)) for name in names}
    return sentence, contents, sentence % contents


@given(filled())
def test_no_number_is_lost_or_invented(drawn: tuple[str, dict[str, str], str]) -> None:
    _, _, english = drawn

    translated = CHINESE.translated(english)

    assert Counter(NUMBERS.findall(translated)) == Counter(NUMBERS.findall(english))


@given(filled(ALL_KEPT))
def test_what_is_kept_is_part_of_the_english_text_and_comes_through(
    drawn: tuple[str, dict[str, str], str],
) -> None:
    sentence, _, english = drawn
    entry = Entry(sentence, sentence)
    found = entry.contents(english)
    assume(found is not None)
    assert found

    written = Entry(sentence, CHINESE.translated(sentence)).written(found)

    assert all(content in english for content in found.values())
    assert all(content in written for content in found.values())


UNQUOTED = {"name", "list", "any", "text", "listing"}


@given(st.sampled_from(WITH_CONTENTS), st.data())
def test_quoted_names_come_through_whole_whatever_they_say(
    sentence: str, data: st.DataObject
) -> None:
    names, _ = taken_apart(sentence)
    if {name.partition("_")[0] for name in names} & UNQUOTED:
        return  # what is not quoted may end a quotation
    contents = {name: data.draw(content(name)) for name in names}

    translated = CHINESE.translated(sentence % contents)

    quoted = [said for name, said in contents.items() if name.startswith("quoted")]
    assert all(said in translated for said in quoted)


@given(HOSTILE)
@example("x" * 1000)
@example("the model uses " + "a (b), " * 140)
@example("'a..., " * 140)
@example("the file is empty, and " * 43)
@example("x: " * 330 + "y")
def test_no_text_takes_long_or_fails(text: str) -> None:
    assert isinstance(CHINESE.translated(text[:1000]), str)
