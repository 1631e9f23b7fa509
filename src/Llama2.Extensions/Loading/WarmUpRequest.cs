namespace Llama2.Extensions.Loading;

/// <summary>A keyed service under a model's name where a hosted service warms the model up, so that its health waits for that.</summary>
internal sealed class WarmUpRequest;
