using System.Runtime.InteropServices;
using Llama2.Cli.Terminal;

namespace Llama2.Cli;

/// <summary>
/// The entry point of the process. If an answer of a conversation is being written, Ctrl+C ends only the answer. Otherwise Ctrl+C and SIGTERM request
/// that the command stops cleanly. On a second request the process ends immediately. It also ends if the command has not stopped after
/// <see cref="ConsoleHost.StopTimeout"/>, because a read from an idle terminal cannot be cancelled.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        ConsoleHost host = ConsoleHost.Process();
        using var stop = new CancellationTokenSource();
        var overdue = new TaskCompletionSource<int>();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        int stoppedExitCode = ExitCodes.Interrupted;

        Task<int> run = Task.Run(() => CommandLine.RunAsync(arguments, host, stop.Token));
        int exitCode = await await Task.WhenAny(run, overdue.Task).ConfigureAwait(false);
        return exitCode == ExitCodes.Interrupted ? stoppedExitCode : exitCode;

        void Stop(PosixSignalContext context)
        {
            if (context.Signal == PosixSignal.SIGINT && host.Interruption.TryInterrupt())
            {
                context.Cancel = true;
                return;
            }

            context.Cancel = !stop.IsCancellationRequested;
            stoppedExitCode = context.Signal == PosixSignal.SIGINT ? ExitCodes.Interrupted : ExitCodes.Terminated;
            stop.Cancel();
            _ = Task.Delay(host.StopTimeout).ContinueWith(_ => overdue.TrySetResult(ExitCodes.Interrupted), TaskScheduler.Default);
        }
    }
}
