namespace Llama2.Cli.Benchmarking;

/// <summary>The measured runs with a prompt of one length.</summary>
/// <param name="DecodeByteSize">Bytes of memory that generating one token reads at this length, in the mean.</param>
internal sealed record BenchmarkRuns(long DecodeByteSize)
{
    /// <summary>The library's own figures of each run.</summary>
    public List<GenerationUsage> Usages { get; } = [];

    /// <summary>Managed memory allocated while each run generated.</summary>
    public List<double> AllocatedBytesPerToken { get; } = [];
}
