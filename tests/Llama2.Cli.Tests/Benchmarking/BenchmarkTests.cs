using Llama2.Cli.Benchmarking;

namespace Llama2.Cli.Tests.Benchmarking;

public class BenchmarkTests
{
    // With guesses, a pass of a repetitive text yields several tokens, so the decode speed and the share of the memory bandwidth would mean nothing.
    [Fact]
    public void Greedy_GuessesNothing() => Benchmark.Greedy.Speculation.Should().BeSameAs(SpeculationOptions.Off);
}
