namespace Llama2;

/// <summary>
/// How an adapter was trained: the model, the data, and the settings that determine its bytes. <c>LlamaTrainer</c> stores a record in each adapter that it
/// writes. Immutable and thread-safe. The author of the file could have written anything here: a record is documentation, and proves nothing.
/// </summary>
public sealed record AdapterTrainingRecord
{
    /// <summary>The name of the model that the adapter was trained with, as its file states it; empty if it states none.</summary>
    public required string BaseName { get; init; }

    /// <summary>The <see cref="ILlamaModel.Fingerprint"/> of that model, which differs for each quantization of a model.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>
    /// A digest of the beginning of each of that model's norms, which quantization leaves unchanged, and which differ between models that were trained
    /// independently of each other. So all quantizations of a model have the same digest.
    /// </summary>
    public required string BaseNormFingerprint { get; init; }

    /// <summary>The SHA-256 digest of the samples, as encoded for training and including those for validation, in hexadecimal digits.</summary>
    public required string DataFingerprint { get; init; }

    /// <summary>The number of samples or of pairs that the adapter was trained with.</summary>
    public required int SampleCount { get; init; }

    /// <summary>The number of steps.</summary>
    public required int StepCount { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The settings that determine the result, besides the seed, as text for people.</summary>
    public required string Settings { get; init; }

    /// <summary>The version of Llama2.Training.</summary>
    public required string LibraryVersion { get; init; }
}
