namespace Llama2.Extensions.Health;

/// <summary>Options without properties. They are validated when the host starts, which detects a health check of a model that is not registered.</summary>
internal sealed class CheckedModels;
