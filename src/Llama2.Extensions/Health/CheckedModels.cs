namespace Llama2.Extensions.Health;

/// <summary>Options without properties, whose validation lets a host detect at start-up that a health check names a model that is not registered.</summary>
internal sealed class CheckedModels;
