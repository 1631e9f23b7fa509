namespace Llama2.Architectures;

/// <summary>The metadata keys of an importance matrix, and of a model that was quantized with an importance matrix.</summary>
internal static class ImportanceKeys
{
    public const string Datasets = "imatrix.datasets";

    /// <summary>The number of windows of text that the model has read for the measurement.</summary>
    public const string WindowCount = "imatrix.chunk_count";

    /// <summary>The number of tokens in a window.</summary>
    public const string WindowLength = "imatrix.chunk_size";

    /// <summary>The prefix of the keys that a quantized model has for its importance matrix.</summary>
    public const string ModelPrefix = "quantize.imatrix.";

    public const string ModelFile = ModelPrefix + "file";
    public const string ModelDataset = ModelPrefix + "dataset";
    public const string ModelEntryCount = ModelPrefix + "entries_count";
    public const string ModelWindowCount = ModelPrefix + "chunks_count";
}
