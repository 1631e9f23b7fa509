namespace Llama2.Server.LlamaCpp;

/// <summary>The values of fields that a request does not state.</summary>
/// <param name="NCtx">The length of the context in tokens.</param>
/// <param name="Params">How tokens are chosen.</param>
internal sealed record DefaultSettings(int NCtx, SamplingSettings Params);
