namespace Llama2.Cli.Benchmarking;

/// <summary>The measured runs with prompts of one length.</summary>
/// <param name="DecodeByteSize">The mean number of bytes of memory that are read to generate one token after a prompt of this length.</param>
internal sealed record BenchmarkRuns(long DecodeByteSize)
{
    /// <summary>The usage statistics that the library reported for each run.</summary>
    public List<GenerationUsage> Usages { get; } = [];

    /// <summary>For each run, the bytes of managed memory allocated per generated token.</summary>
    public List<double> AllocatedBytesPerToken { get; } = [];
}
