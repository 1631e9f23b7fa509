namespace Llama2.Samples.Tests;

public sealed class WebApiProcessTests
{
    [Fact]
    public async Task Program_StartedFromAnotherFolder_ReadsItsSettings()
    {
        await using SampleServer server = await SampleServer.StartAsync("WebApi.dll");

        (await server.Client.GetStringAsync(new Uri("/v1/models", UriKind.Relative))).Should().Contain("\"storyteller-1m-Q8_0\"");
    }
}
