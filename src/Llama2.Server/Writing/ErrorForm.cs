using Llama2.Server.Errors;

namespace Llama2.Server.Writing;

/// <summary>Metadata of an endpoint whose errors have a form other than OpenAI's. All errors of endpoints are written by <see cref="WriteAsync"/>.</summary>
/// <param name="write">Writes an error as the answer to a request.</param>
internal sealed class ErrorForm(Func<HttpContext, Failure, Task> write)
{
    private readonly Func<HttpContext, Failure, Task> _write = write;

    /// <summary>Writes an error as the answer to a request, in the form of the request's endpoint.</summary>
    public static Task WriteAsync(HttpContext context, Failure failure) =>
        context.GetEndpoint()?.Metadata.GetMetadata<ErrorForm>() is { } form ? form._write(context, failure) : JsonAnswer.WriteAsync(context.Response, failure);
}
