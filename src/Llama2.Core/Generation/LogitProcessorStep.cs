namespace Llama2;

/// <summary>A step of one's own among those that choose the next token; see <see cref="GenerationOptions.LogitProcessors"/>. Immutable.</summary>
/// <param name="Create">
/// Makes the processor of a generation; called for each one, on any thread, at once for several. The processor must be a new object if it has state.
/// </param>
/// <param name="Place">Where the step stands; the default is <see cref="LogitProcessorPlace.BeforeFilters"/>.</param>
/// <example><code>
/// var options = new GenerationOptions { LogitProcessors = [new(context =&gt; new EndSooner(context.Tokenizer.EndOfSequenceId, 100))] };
/// </code></example>
public sealed record LogitProcessorStep(Func<LogitProcessorContext, ILogitProcessor> Create, LogitProcessorPlace Place = LogitProcessorPlace.BeforeFilters);
