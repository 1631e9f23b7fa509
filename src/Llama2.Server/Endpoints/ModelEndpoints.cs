using Llama2.Server.Errors;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Writing;
using Microsoft.AspNetCore.Routing;

namespace Llama2.Server.Endpoints;

/// <summary><c>GET /v1/models</c>, <c>GET /v1/models/{id}</c>, <c>GET /health</c>, <c>GET /health/ready</c> and <c>GET /health/live</c>.</summary>
internal sealed class ModelEndpoints(EndpointServices services)
{
    public Task ListAsync(HttpContext context, CancellationToken cancellationToken) =>
        JsonAnswer.WriteAsync(context.Response, new ModelList(services.Models.Entries), ProtocolJson.Default.ModelList);

    public Task FindAsync(HttpContext context, CancellationToken cancellationToken) =>
        JsonAnswer.WriteAsync(context.Response, Find(context), ProtocolJson.Default.ModelEntry);

    /// <summary>Finds the model that the address of a request names.</summary>
    /// <exception cref="RequestException">There is no such model.</exception>
    public ModelEntry Find(HttpContext context)
    {
        // Routing leaves %2F as it is, because it could be taken for a separator; clients write it where the name of a model contains a slash.
        string id = ((string)context.GetRouteValue("id")!).Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return services.Models.Entries.FirstOrDefault(entry => entry.Id.Equals(id, StringComparison.OrdinalIgnoreCase)) ?? throw RequestException.NoModel(id);
    }

    /// <summary>Says that the process answers, whatever the state of the models, even while the server stops.</summary>
    public static Task ReportLifeAsync(HttpContext context) =>
        JsonAnswer.WriteAsync(context.Response, new HealthAnswer("ok"), ProtocolJson.Default.HealthAnswer);

    /// <summary>Says whether all models that should be loaded are loaded.</summary>
    public Task ReportHealthAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string? fault = services.Models.Readiness switch
        {
            ModelReadiness.Ready => null,
            ModelReadiness.Loading => "Loading model",
            _ => "A model could not be loaded",
        };
        HealthAnswer answer = fault is null
            ? new HealthAnswer("ok")
            : new HealthAnswer(Error: new HealthError(StatusCodes.Status503ServiceUnavailable, fault, "unavailable_error"));
        return JsonAnswer.WriteAsync(
            context.Response, answer, ProtocolJson.Default.HealthAnswer, fault is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
