using System.Net;
using System.Text.Json;
using Llama2.Server.Models;
using Llama2.Server.Tests.Models;
using Llama2.Tests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests.Endpoints;

public sealed class ModelEndpointsTests(Storyteller storyteller) : IClassFixture<Storyteller>
{
    [Fact]
    public async Task Get_Models_ListsTheNamesByWhichModelsAreChosen()
    {
        await using LocalServer server = await LocalServer.StartAsync(services =>
        {
            services.AddLlama("chat", DemonstrationModel.Path);
            services.AddLlama(DemonstrationModel.Path);
        });

        JsonElement list = JsonElement.Parse(await server.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative)));

        list.GetProperty("object").GetString().Should().Be("list");
        list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()).Should().Equal("chat", Storyteller.Name);
        list.GetProperty("data").EnumerateArray().Should().OnlyContain(model => model.GetProperty("object").GetString() == "model" && model.GetProperty("created").GetInt64() > 0);
    }

    [Fact]
    public async Task Get_ModelById_IsThatOfTheList()
    {
        JsonElement model = JsonElement.Parse(await storyteller.Server.Client.GetStringAsync(new Uri($"/v1/models/{Storyteller.Name}", UriKind.Relative)));

        model.GetProperty("id").GetString().Should().Be(Storyteller.Name);
    }

    [Theory]
    [InlineData("/v1/models/gpt-4o", "model", "model_not_found")]
    [InlineData("/v1/models/owner/name", "model", "model_not_found")]
    [InlineData("/v1/images/generations", null, "unknown_url")]
    public async Task Get_AddressThatDoesNotExist_IsAnErrorOfTheProtocol(string path, string? param, string code)
    {
        using HttpResponseMessage response = await storyteller.Server.Client.GetAsync(new Uri(path, UriKind.Relative));

        (await Refusal.ReadAsync(response)).Should().BeEquivalentTo(new { Status = HttpStatusCode.NotFound, Type = "invalid_request_error", Param = param, Code = code });
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/v1/health")]
    [InlineData("/health/ready")]
    [InlineData("/health/live")]
    public async Task Get_HealthOfModelThatCanBeUsed_IsOk(string path) =>
        (await storyteller.Server.Client.GetStringAsync(new Uri(path, UriKind.Relative))).Should().Be("""{"status":"ok"}""");

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/ready")]
    public async Task Get_HealthWhileAModelIsLoaded_IsUnavailable(string path)
    {
        await using LocalServer server = await LocalServer.StartAsync(_ => { }, catalog: new StubCatalog(ModelReadiness.Loading));

        using HttpResponseMessage response = await server.Client.GetAsync(new Uri(path, UriKind.Relative));

        response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await response.Content.ReadAsStringAsync()).Should().Be("""{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""");
    }

    [Theory]
    [InlineData(ModelReadiness.Loading)]
    [InlineData(ModelReadiness.Failed)]
    public async Task Get_LifeWithoutAModel_IsOk(object readiness)
    {
        await using LocalServer server = await LocalServer.StartAsync(_ => { }, catalog: new StubCatalog((ModelReadiness)readiness));

        (await server.Client.GetStringAsync(new Uri("/health/live", UriKind.Relative))).Should().Be("""{"status":"ok"}""");
    }

    [Fact]
    public async Task Get_HealthAfterAFailureToLoad_IsUnavailable()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");
        await File.WriteAllTextAsync(path, "no model");
        try
        {
            await using LocalServer server = await LocalServer.StartAsync(services => services.AddLlama("broken", path));
            await server.RefuseAsync("/v1/embeddings", """{"input": "a"}""");

            using HttpResponseMessage response = await server.Client.GetAsync(new Uri("/health", UriKind.Relative));

            response.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            (await response.Content.ReadAsStringAsync()).Should().Be("""{"error":{"code":503,"message":"A model could not be loaded","type":"unavailable_error"}}""");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Map_ApplicationWithHealthOfItsOwn_KeepsIt()
    {
        await using LocalServer server = await LocalServer.StartAsync(
            services => services.AddLlama(DemonstrationModel.Path), map: application => application.MapGet("/health", (HttpContext context) => context.Response.WriteAsync("my own")));

        (await server.Client.GetStringAsync(new Uri("/health", UriKind.Relative))).Should().Be("my own");
    }

    [Fact]
    public async Task Map_NoModel_ThrowsAndSaysWhatIsMissing() =>
        (await FluentActions.Awaiting(() => LocalServer.StartAsync(_ => { })).Should().ThrowAsync<InvalidOperationException>()).WithMessage("*AddLlama*");
}
