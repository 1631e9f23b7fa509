namespace Llama2.Cli.Benchmarking;

/// <summary>All figures of a benchmark.</summary>
/// <param name="Model">The figures of the model and the machine.</param>
/// <param name="Prompts">
/// A list of figures for each of the prompt lengths, of which there is at least one. The figures have the same names for every length.
/// </param>
/// <param name="Sessions">The figures of concurrent generations; empty if these were not measured.</param>
/// <param name="Guesses">The figures of generations with and without guesses of the next tokens; empty if these were not measured.</param>
internal sealed record BenchmarkResult(
    IReadOnlyList<BenchmarkFigure> Model, IReadOnlyList<IReadOnlyList<BenchmarkFigure>> Prompts, IReadOnlyList<BenchmarkFigure> Sessions,
    IReadOnlyList<BenchmarkFigure> Guesses);
