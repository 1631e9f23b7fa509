using System.Security.Cryptography;

namespace Llama2.Server.Responses;

/// <summary>Makes ids that nobody can guess, because anyone who knows the id of a stored response may read it.</summary>
internal static class ResponseIds
{
    private const int DigitCount = 48;

    public static string Response() => Create("resp");

    public static string Message() => Create("msg");

    public static string FunctionCall() => Create("fc");

    public static string FunctionCallOutput() => Create("fco");

    private static string Create(string prefix) => $"{prefix}_{RandomNumberGenerator.GetHexString(DigitCount, lowercase: true)}";
}
