namespace Llama2.Server.Protocol;

/// <summary>A call that the model wrote.</summary>
/// <param name="Index">The call's index among the calls of a streamed choice; null in an answer that is not streamed.</param>
/// <param name="Id">Identifies the call for its result.</param>
/// <param name="Function">The function and its arguments, which are always whole.</param>
/// <param name="Type">Always <c>function</c>.</param>
internal sealed record ToolCall(int? Index, string Id, FunctionCall Function, string Type = "function");
