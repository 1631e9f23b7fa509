using Llama2.Cli.Terminal;

namespace Llama2.Cli.Tests.Terminal;

public class InterruptionTests
{
    [Fact]
    public async Task TryInterrupt_StepUnderWay_EndsItAndNotTheCommand()
    {
        var interruption = new Interruption();

        bool isWhole = await interruption.RunAsync(
            async token =>
            {
                interruption.TryInterrupt().Should().BeTrue();
                interruption.TryInterrupt().Should().BeFalse("the second one is for the command");
                await Task.Delay(Timeout.Infinite, token);
            },
            CancellationToken.None);

        isWhole.Should().BeFalse();
    }

    [Fact]
    public async Task TryInterrupt_NoStepUnderWay_IsForTheCommand()
    {
        var interruption = new Interruption();
        bool isWhole = await interruption.RunAsync(_ => Task.CompletedTask, CancellationToken.None);

        isWhole.Should().BeTrue();
        interruption.TryInterrupt().Should().BeFalse();
    }

    [Fact]
    public async Task RunAsync_CommandThatIsCancelled_IsNoInterruption()
    {
        using var command = new CancellationTokenSource();

        await new Interruption().Awaiting(it => it.RunAsync(
            async token =>
            {
                await command.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
            },
            command.Token)).Should().ThrowAsync<OperationCanceledException>();
    }
}
