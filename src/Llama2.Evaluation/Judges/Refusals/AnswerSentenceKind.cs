namespace Llama2.Evaluation.Judges.Refusals;

/// <summary>Where a sentence of an answer is.</summary>
internal enum AnswerSentenceKind
{
    /// <summary>In a paragraph or a heading.</summary>
    Text,

    /// <summary>In an item of a list.</summary>
    ListItem,

    /// <summary>In a fenced block of code.</summary>
    Code,
}
