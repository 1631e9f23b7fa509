namespace Llama2.Cli.Options;

/// <summary>A size of memory.</summary>
/// <param name="ByteSize">The size in bytes.</param>
internal readonly record struct MemorySize(long ByteSize);
