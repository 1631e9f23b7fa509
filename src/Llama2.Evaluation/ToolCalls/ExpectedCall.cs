using System.Text.Json;

namespace Llama2.Evaluation.ToolCalls;

/// <summary>A call that the answer of an example expects.</summary>
/// <param name="Function">The function that has to be called.</param>
/// <param name="Accepted">The accepted values of each parameter; an empty text among them means that the parameter may be left out.</param>
internal sealed record ExpectedCall(ToolFunction Function, IReadOnlyDictionary<string, JsonElement[]> Accepted);
