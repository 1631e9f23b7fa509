using System.ComponentModel;
using System.Diagnostics;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>
/// A process of bubblewrap, which has the sandbox's processes below it. It must be started by a thread that lives until the process has ended: the
/// kernel ends the sandbox with the thread that started it. Only <see cref="Kill"/> may be called by other threads.
/// </summary>
internal sealed class SandboxedProcess : IDisposable
{
    private const int MaxMessageByteSize = 16 << 20;

    private readonly Process _process;
    private readonly LineReader _messages;
    private readonly MemoryStream _output = new();
    private readonly Thread _outputReader;

    private SandboxedProcess(Process process, int maxOutputByteSize, Action outputExceeded)
    {
        _process = process;
        _messages = new LineReader(process.StandardOutput.BaseStream, MaxMessageByteSize);
        _outputReader = new Thread(() => ReadOutput(maxOutputByteSize, outputExceeded)) { IsBackground = true, Name = "Output of a sandbox" };
        _outputReader.Start();
    }

    public int Id => _process.Id;

    /// <summary>The exit code of the sandbox's first process, or 128 and the number of the signal that ended it. Valid after <see cref="WaitForExit"/>.</summary>
    public int ExitCode => _process.ExitCode;

    /// <exception cref="SandboxUnavailableException">The process cannot be started.</exception>
    public static SandboxedProcess Start(ProcessStartInfo start, int maxOutputByteSize, Action outputExceeded)
    {
        try
        {
            return new SandboxedProcess(Process.Start(start)!, maxOutputByteSize, outputExceeded);
        }
        catch (Exception exception) when (exception is Win32Exception or IOException)
        {
            throw new SandboxUnavailableException($"The sandbox cannot be started: {exception.Message}. Check the limits of processes and open files.", exception);
        }
    }

    /// <summary>Sends a line; nothing happens if the process reads no more.</summary>
    public void Send(ReadOnlySpan<byte> line)
    {
        try
        {
            Stream stream = _process.StandardInput.BaseStream;
            stream.Write(line);
            stream.Write("\n"u8);
            stream.Flush();
        }
        catch (IOException)
        {
            // The next attempt to receive shows that the process has ended, or closed its channel.
        }
    }

    /// <summary>Waits for a line; null if the process has ended or closed its channel.</summary>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    public ReadOnlyMemory<byte>? Receive() => _messages.Read();

    /// <summary>Ends all processes of the sandbox.</summary>
    public void Kill(IEnumerable<int> children)
    {
        // When the sandbox's first process ends, the kernel ends all others, and bubblewrap waits for that. If bubblewrap itself were ended, nothing
        // would wait.
        bool hasChild = false;
        foreach (int child in children)
        {
            hasChild = true;
            Try(() =>
            {
                using var process = Process.GetProcessById(child);
                process.Kill();
            });
        }

        if (!hasChild)
            Try(_process.Kill);
    }

    /// <summary>Waits until all processes of the sandbox have ended.</summary>
    public void WaitForExit()
    {
        _process.WaitForExit();
        _outputReader.Join();
    }

    /// <summary>What the sandbox wrote, up to the limit. Valid after <see cref="WaitForExit"/>.</summary>
    public byte[] GetOutput() => _output.ToArray();

    public void Dispose()
    {
        _process.Dispose();
        _output.Dispose();
    }

    private static void Try(Action kill)
    {
        try
        {
            kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // The process has already ended.
        }
    }

    // After the limit, the stream is still read to its end, so that the process is not blocked until it is ended.
    private void ReadOutput(int maxByteSize, Action exceeded)
    {
        Stream stream = _process.StandardError.BaseStream;
        var buffer = new byte[16 << 10];
        while (Read(stream, buffer) is int count and > 0)
        {
            int room = maxByteSize - (int)_output.Length;
            _output.Write(buffer, 0, Math.Min(count, room));
            if (count > room)
                exceeded();
        }
    }

    private static int Read(Stream stream, byte[] buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
