using Llama2.Server.Errors;

namespace Llama2.Server.Requests;

/// <summary>Reads the parameters of an address.</summary>
internal static class RequestQuery
{
    /// <summary>The value of a parameter; null if the address does not have it.</summary>
    /// <exception cref="RequestException">The address has the parameter several times, so that it is unclear which of them applies.</exception>
    public static string? Find(HttpContext context, string name) => context.Request.Query[name] is { Count: > 1 } values
        ? throw RequestException.Invalid(name, $"The address has the parameter '{name}' {values.Count} times; state it once.")
        : context.Request.Query[name];
}
