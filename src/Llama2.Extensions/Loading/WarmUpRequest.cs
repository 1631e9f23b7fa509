namespace Llama2.Extensions.Loading;

/// <summary>
/// A keyed service under a model's name that is registered if a hosted service warms the model up, so that the health check waits for the warm-up.
/// </summary>
internal sealed class WarmUpRequest;
