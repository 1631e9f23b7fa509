namespace Llama2.Kernels;

/// <summary>
/// Columns of one panel or of several neighbouring panels, widened for <see cref="BytePanelKernel{TScales, TTier, V}"/>: each code is a byte, and each
/// scale a float.
/// </summary>
internal ref struct BytePanels
{
    /// <summary>The first panel's codes: for each block of 32 columns, eight code vectors of 64 bytes.</summary>
    public ref byte Codes;

    /// <summary>
    /// The first panel's scales: for each block, 16 scales for each group, and then, in formats that have offsets, 16 offsets for each group.
    /// </summary>
    public ref float Scales;

    /// <summary>The distance in bytes from one panel's codes to those of the next panel.</summary>
    public nint CodesStride;

    /// <summary>The distance in floats from one panel's scales to those of the next panel.</summary>
    public nint ScalesStride;

    /// <summary>The number of blocks.</summary>
    public int BlockCount;
}
