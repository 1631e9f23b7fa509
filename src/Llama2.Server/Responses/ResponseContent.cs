using Llama2.Server.Protocol;

namespace Llama2.Server.Responses;

/// <summary>A part of a message.</summary>
/// <param name="Type"><c>input_text</c> or <c>output_text</c>.</param>
/// <param name="Text">The text.</param>
/// <param name="Annotations">Always empty: the library cites no sources. Null for a text of the input.</param>
/// <param name="Logprobs">The log-probabilities of the tokens; empty if they were not requested, null for a text of the input.</param>
internal sealed record ResponseContent(string Type, string Text, IReadOnlyList<string>? Annotations = null, IReadOnlyList<TokenLogprob>? Logprobs = null)
{
    /// <summary>The type of a text that is given to the model.</summary>
    public const string Input = "input_text";

    /// <summary>The type of a text that a model wrote.</summary>
    public const string Output = "output_text";

    public static ResponseContent OfInput(string text) => new(Input, text);

    public static ResponseContent OfOutput(string text, IReadOnlyList<TokenLogprob>? logprobs = null) => new(Output, text, [], logprobs ?? []);
}
