namespace Llama2.Extensions.Loading;

/// <summary>A keyed service, registered under a model's name if a hosted service warms the model up, so that its health check waits for that.</summary>
internal sealed class WarmUpRequest;
