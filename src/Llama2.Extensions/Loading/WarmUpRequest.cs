namespace Llama2.Extensions.Loading;

/// <summary>
/// A keyed service, whose key is a model's name. It is registered if a hosted service warms the model up; its presence tells the health check to wait
/// for the warm-up.
/// </summary>
internal sealed class WarmUpRequest;
