namespace Llama2.Training.Datasets;

/// <summary>A record in the terms of a conversation.</summary>
/// <param name="Messages">A conversation that ends with an answer: the one to learn, or to prefer.</param>
/// <param name="Rejected">The same conversation with the answer that is not preferred; null where the data set has no preferences.</param>
internal sealed record DatasetRecord(IReadOnlyList<LlamaMessage> Messages, IReadOnlyList<LlamaMessage>? Rejected = null)
{
    /// <summary>The prompt format, where it is the record's own; null for that of the data set.</summary>
    public PromptFormat? PromptFormat { get; init; }
}
