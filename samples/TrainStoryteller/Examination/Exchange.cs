using TrainStoryteller.Corpus;

namespace TrainStoryteller.Examination;

/// <summary>A question that a model was asked, and what it did.</summary>
/// <param name="Conversation">The conversation of one question.</param>
/// <param name="Calls">The calls that the model made, such as <c>get_weather({"city": "Oslo"})</c>.</param>
/// <param name="Answer">Its answer; null if it did not make the calls that the question needs.</param>
internal sealed record Exchange(Conversation Conversation, IReadOnlyList<string> Calls, string? Answer)
{
    public Question Question => Conversation.Questions[0];

    /// <summary>Such as "Color", or "Color, tools" if tools were announced that the question does not need.</summary>
    public string Group => Conversation.Tools.Count > 0 && Question.Uses.Count == 0 ? $"{Question.Kind}, tools" : $"{Question.Kind}";

    public bool IsRight =>
        Answer is not null && (Question.Animal is { } animal ? StoryCheck.IsStoryAbout(animal, Answer) : Question.Answers.Contains(Answer));

    public override string ToString() => string.Join(' ', [Question.Text, .. Calls, Answer ?? "(wrong call)"]);
}
