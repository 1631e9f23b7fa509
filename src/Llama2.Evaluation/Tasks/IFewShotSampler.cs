using System.Text.Json;

namespace Llama2.Evaluation.Tasks;

/// <summary>Gives the few-shot examples that come before a question.</summary>
internal interface IFewShotSampler
{
    /// <summary>The few-shot examples for a question, in the order of the prompt.</summary>
    /// <param name="index">The index of the question's document.</param>
    /// <param name="document">The question's document, which must not be among the examples.</param>
    IReadOnlyList<JsonElement> Sample(int index, JsonElement document);
}
