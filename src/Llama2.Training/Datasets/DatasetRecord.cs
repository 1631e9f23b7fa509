namespace Llama2.Training.Datasets;

/// <summary>A record of a data set, converted to a conversation.</summary>
/// <param name="Messages">A conversation that ends with an answer: the answer to learn, or the preferred answer.</param>
/// <param name="Rejected">The same conversation with the answer that is not preferred; null if the data set has no preferences.</param>
internal sealed record DatasetRecord(IReadOnlyList<LlamaMessage> Messages, IReadOnlyList<LlamaMessage>? Rejected = null)
{
    /// <summary>The prompt format of this record, if the record requires one; null for the prompt format of the data set.</summary>
    public PromptFormat? PromptFormat { get; init; }
}
