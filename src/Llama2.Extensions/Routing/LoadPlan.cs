namespace Llama2.Extensions.Routing;

/// <summary>How a model will be loaded, and the memory that is reserved for it.</summary>
/// <param name="Options">The options, which limit the keys and values.</param>
/// <param name="ByteSize">The memory of the weights, buffers, adapters, and keys and values, in bytes.</param>
internal sealed record LoadPlan(LlamaModelOptions Options, long ByteSize);
