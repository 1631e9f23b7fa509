using Llama2.Evaluation.Sandboxes;

namespace Llama2.Evaluation.Tests.Sandboxes;

public class SandboxedProcessTests
{
    // The kernel ends the sandbox with the thread that started it, and so also when the whole process ends. The program inside waits for input that never
    // comes, so without that it would not end. A minute is enough on a busy machine.
    [SandboxFact]
    public async Task Start_ThreadThatEnds_TakesTheSandboxWithIt()
    {
        string filterPath = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(filterPath, SystemCallFilter.Create(SystemCallNumbers.OfThisMachine!));
            PythonInterpreter interpreter = await PythonInterpreter.FindAsync(null, CancellationToken.None);
            var command = new BubblewrapCommand(ProgramPath.Find("bwrap")!, Environment.IsPrivilegedProcess ? ProgramPath.Find("setpriv") : null, filterPath, interpreter);
            SandboxedProcess? process = null;
            var thread = new Thread(() =>
            {
                process = SandboxedProcess.Start(command.CreateStartInfo(PythonScripts.Worker, new CodeRunLimits()), 1000, () => { });
                process.Receive();
            });

            thread.Start();
            thread.Join();

            await Task.Run(process!.WaitForExit).WaitAsync(TimeSpan.FromMinutes(1));
            process.ExitCode.Should().Be(137, "SIGKILL ends it");
            process.Dispose();
        }
        finally
        {
            File.Delete(filterPath);
        }
    }
}
