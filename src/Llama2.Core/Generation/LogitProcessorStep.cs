namespace Llama2;

/// <summary>A custom step in the choice of the next token; see <see cref="GenerationOptions.LogitProcessors"/>. Immutable.</summary>
/// <param name="Create">
/// Creates the processor for a generation. Called once for each generation, on any thread, possibly on several threads at the same time. The
/// processor must be a new object if it has state.
/// </param>
/// <param name="Place">Where in the order of the steps the processor runs; the default is <see cref="LogitProcessorPlace.BeforeFilters"/>.</param>
/// <example><code>
/// var options = new GenerationOptions { LogitProcessors = [new(context =&gt; new EndSooner(context.Tokenizer.EndOfSequenceId, 100))] };
/// </code></example>
public sealed record LogitProcessorStep(Func<LogitProcessorContext, ILogitProcessor> Create, LogitProcessorPlace Place = LogitProcessorPlace.BeforeFilters);
