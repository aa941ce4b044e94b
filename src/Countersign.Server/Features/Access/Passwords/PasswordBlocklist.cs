using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Text;

namespace Countersign.Server.Features.Access.Passwords;

/// <summary>
/// The passwords that are guessed first: common and breached ones, and the user's and the service's own name.
/// NIST SP 800-63B-4 §3.1.1.2: the whole password is compared, never a part of it.
/// </summary>
internal sealed class PasswordBlocklist
{
    public const string Setting = "Passwords:BlocklistFile";
    public const int MaxBytes = 32 * 1024 * 1024;
    public const int MaxLines = 1_000_000;

    /// <summary>Digits and signs around a name count as decoration up to a full date, such as <c>20240131</c>.</summary>
    public const int MaxDecoration = 8;

    private const string Resource = "common-passwords.txt.gz";

    private readonly HashSet<string> _entries;

    private PasswordBlocklist(HashSet<string> entries) => _entries = entries;

    public int Count => _entries.Count;

    /// <summary>Loads the file, which takes the place of the built-in list, or the built-in list where no file is set.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be used; the message names the setting and says why.</exception>
    public static PasswordBlocklist Load(string? file) => string.IsNullOrWhiteSpace(file) ? LoadBuiltIn() : LoadFile(file);

    public bool Contains(string password, string userName, string serviceName)
    {
        var folded = Fold(password);
        return _entries.Contains(folded) || IsMadeOf(folded, Fold(userName)) || IsMadeOf(folded, Fold(serviceName));
    }

    private static PasswordBlocklist LoadBuiltIn()
    {
        using var packed = typeof(PasswordBlocklist).Assembly.GetManifestResourceStream(typeof(PasswordBlocklist), Resource)
            ?? throw new InvalidOperationException($"The program was built without {Resource}.");
        using var text = new StreamReader(new GZipStream(packed, CompressionMode.Decompress), Encoding.UTF8);

        var entries = new HashSet<string>(capacity: 40_000, StringComparer.Ordinal);
        while (text.ReadLine() is { } line)
        {
            entries.Add(line);
        }

        return new PasswordBlocklist(entries);
    }

    private static PasswordBlocklist LoadFile(string file)
    {
        try
        {
            return new PasswordBlocklist(ReadEntries(ReadAll(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException or InvalidDataException)
        {
            throw new InvalidOperationException($"{Setting}: {file} cannot be used. {e.Message}", e);
        }
    }

    // The length is not asked for beforehand: a device or a growing file would lie about it.
    private static byte[] ReadAll(string file)
    {
        using var source = File.OpenRead(file);
        using var bytes = new MemoryStream();
        var buffer = new byte[81_920];
        while (source.Read(buffer) is var read and > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaxBytes)
            {
                throw new InvalidDataException($"It has more than {MaxBytes / (1024 * 1024)} MiB.");
            }
        }

        return bytes.ToArray();
    }

    private static HashSet<string> ReadEntries(byte[] bytes)
    {
        using var text = new StreamReader(
            new MemoryStream(bytes), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));

        var entries = new HashSet<string>(StringComparer.Ordinal);
        for (var lines = 1; text.ReadLine() is { } line; lines++)
        {
            if (lines > MaxLines)
            {
                throw new InvalidDataException($"It has more than {MaxLines} lines.");
            }

            if (line.Length > 0)
            {
                entries.Add(Fold(line));
            }
        }

        // An empty file would switch the rule off without a word.
        return entries.Count > 0 ? entries : throw new InvalidDataException("It has no passwords in it.");
    }

    private static bool IsMadeOf(string password, string name) =>
        name.Length > 0 && (IsDecorated(password, name) || IsDecorated(password, Reverse(name)));

    private static bool IsDecorated(string password, string name)
    {
        var at = password.IndexOf(name, StringComparison.Ordinal);
        return at >= 0
            && password.Length - name.Length <= MaxDecoration
            && password[..at].All(IsDecoration)
            && password[(at + name.Length)..].All(IsDecoration);
    }

    private static bool IsDecoration(char c) => char.IsDigit(c) || char.IsPunctuation(c) || char.IsSymbol(c) || c == ' ';

    private static string Reverse(string text) => string.Concat(text.EnumerateRunes().Reverse().Select(rune => rune.ToString()));

    [SuppressMessage("Globalization", "CA1308", Justification = "The list is kept in lower case, as such lists are published.")]
    private static string Fold(string text) => PasswordRules.Normalise(text).ToLowerInvariant();
}
