using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Llama2.Cli.Tests.Serving;

namespace Llama2.Cli.Tests.Commands;

public class HealthCommandTests
{
    [Fact]
    public async Task Health_ServerThatIsReady_Exits0()
    {
        await using ServeRun server = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy"]);

        CommandRun run = await CommandRun.OfAsync("health", server.Client.BaseAddress!.OriginalString + "/");

        run.ShouldSucceed();
        run.Output.Should().Be("ready\n");
        run.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Health_OtherAddressOfAServer_Exits1WithTheStatus()
    {
        await using ServeRun server = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy"]);

        CommandRun run = await CommandRun.OfAsync("health", server.Client.BaseAddress!.OriginalString + "/other");

        run.ShouldFailInOneLine(1).Should().Contain("/other is not ready: it answers with the status 404.");
    }

    [Theory]
    [InlineData("http://0.0.0.0:{0}")]
    [InlineData("http://localhost:{0}")]
    [InlineData("localhost:{0}")]
    [InlineData("127.0.0.1:{0}")]
    public async Task Health_OtherFormOfTheAddress_ReachesTheServer(string form)
    {
        await using ServeRun server = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy"]);

        CommandRun run = await CommandRun.OfAsync("health", string.Format(CultureInfo.InvariantCulture, form, server.Client.BaseAddress!.Port));

        run.ShouldSucceed();
        run.Output.Should().Be("ready\n");
    }

    [Fact]
    public async Task Health_AddressForOpenAIClients_SaysWhatToLeaveOut()
    {
        await using ServeRun server = await ServeRun.StartAsync([TestModels.Demonstration, "--lazy"]);

        CommandRun run = await CommandRun.OfAsync("health", server.Client.BaseAddress!.OriginalString + "/v1/");

        run.ShouldFailInOneLine(1).Should().EndWith("is not ready: it answers with the status 404. Leave out /v1.\n");
    }

    [Fact]
    public async Task Health_NoServerAtTheUnspecifiedAddressOfIPv6_AsksTheLoopbackAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;

        (await CommandRun.OfAsync("health", $"http://[::]:{port}")).ShouldFailInOneLine(1).Should().Contain($"There is no answer from http://[::1]:{port}/: ");
    }

    [Fact]
    public async Task Health_NoServer_Exits1WithOneLine()
    {
        // A socket that is bound but does not listen refuses connections, and keeps others from using the port.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        (await CommandRun.OfAsync("health", $"http://{socket.LocalEndPoint}")).ShouldFailInOneLine(1).Should().Contain($"There is no answer from http://{socket.LocalEndPoint}/: ");
    }

    [Theory]
    [InlineData("localhost:x")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("8080")]
    public async Task Health_NoAddress_IsWrongUsage(string text) =>
        (await CommandRun.OfAsync("health", text)).ShouldFailInOneLine(2).Should().Contain($"'{text}' is not the address of a server; write http://127.0.0.1:8080.");
}
