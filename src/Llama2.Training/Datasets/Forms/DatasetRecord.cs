namespace Llama2.Training.Datasets.Forms;

/// <summary>A record of a data set: a conversation, a document, or segments of text.</summary>
internal sealed record DatasetRecord
{
    /// <summary>A conversation that ends with an answer: the answer to learn, or the preferred answer. Empty for a text.</summary>
    public IReadOnlyList<LlamaMessage> Messages { get; init; } = [];

    /// <summary>The same conversation with the answer that is not preferred; null if the data set has no preferences.</summary>
    public IReadOnlyList<LlamaMessage>? Rejected { get; init; }

    /// <summary>Whether the last answer is desirable; null if the data set has no ratings.</summary>
    public bool? IsDesirable { get; init; }

    /// <summary>The tools that the conversation announces.</summary>
    public IReadOnlyList<LlamaTool> Tools { get; init; } = [];

    /// <summary>A document; null for other records.</summary>
    public string? Text { get; init; }

    /// <summary>The parts of a text, and whether each is learned; null for other records.</summary>
    public IReadOnlyList<TextSegment>? Segments { get; init; }

    /// <summary>The prompt format of this record, if the record requires one; null for the prompt format of the data set.</summary>
    public PromptFormat? PromptFormat { get; init; }

    /// <summary>The parts of the record that are not used, and do not change its meaning.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];
}
