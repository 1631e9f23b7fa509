using Llama2.Extensions.Loading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Health;

/// <summary>
/// Prevents the start of a host if the model of a health check is not registered. Without this check, the mistake would be detected only by the first
/// health check that runs.
/// </summary>
/// <param name="name">The model's name; empty for the default model.</param>
/// <param name="services">The registered services. They are read when the host starts, because a model may be registered after its health check.</param>
internal sealed class CheckedModelsValidator(string name, IServiceCollection services) : IValidateOptions<CheckedModels>
{
    public ValidateOptionsResult Validate(string? optionsName, CheckedModels options)
    {
        // Each registered model has a keyed service of the type ModelStatus.
        string[] names = [.. services.Where(service => service.ServiceType == typeof(ModelStatus)).Select(service => service.ServiceKey).OfType<string>().Order(StringComparer.Ordinal)];
        if (names.Contains(name))
        {
            return ValidateOptionsResult.Success;
        }

        string call = name.Length == 0 ? "AddLlama()" : $"AddLlama(\"{name}\")", model = name.Length == 0 ? "the default model, which" : "a model that";
        string add = name.Length == 0 ? "AddLlama(…)" : $"AddLlama(\"{name}\", …)";
        string others = names.Length == 0 ? "" : $", or name one of {string.Join(", ", names.Select(other => other.Length == 0 ? "null, the default" : $"'{other}'"))}";
        return ValidateOptionsResult.Fail($"AddHealthChecks().{call} checks {model} is not registered: add it with services.{add}{others}.");
    }
}
