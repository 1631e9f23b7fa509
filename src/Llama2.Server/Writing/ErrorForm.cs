using Llama2.Server.Errors;

namespace Llama2.Server.Writing;

/// <summary>Metadata of an endpoint whose errors have another form than OpenAI's: what comes before the endpoint writes its errors in that form too.</summary>
/// <param name="WriteAsync">Writes an error as the answer to a request.</param>
internal sealed record ErrorForm(Func<HttpContext, Failure, Task> WriteAsync);
