namespace Llama2.Server.Protocol;

/// <summary>A model in the list of models.</summary>
/// <param name="Id">The name by which requests choose the model.</param>
/// <param name="Created">When the server began to serve the model, in seconds since 1970.</param>
/// <param name="OwnedBy">Always <c>llama2</c>.</param>
/// <param name="Object">Always <c>model</c>.</param>
internal sealed record ModelEntry(string Id, long Created, string OwnedBy = "llama2", string Object = "model");
