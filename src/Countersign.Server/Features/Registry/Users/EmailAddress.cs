using System.Net.Mail;
using System.Text;

namespace Countersign.Server.Features.Registry.Users;

/// <summary>An e-mail address as it is compared and written to.</summary>
internal readonly record struct EmailAddress
{
    public const int MaximumLength = 254;
    private const int LongestLocalPart = 64;

    private EmailAddress(string value) => Value = value;

    public string Value { get; }

    /// <summary>
    /// False for what can be no address of one person: RFC 5321 §4.5.3.1 lengths, one at sign, a host with a dot, nothing but
    /// printable characters.
    /// </summary>
    public static bool TryParse(string? typed, out EmailAddress address)
    {
        address = default;
        var text = typed?.Trim() ?? string.Empty;
        if (text.Length is 0 or > MaximumLength
            || text.Any(c => c <= ' ' || char.IsControl(c))
            || !MailAddress.TryCreate(text, out var parsed)
            || parsed.Address != text)
        {
            return false;
        }

        var at = text.LastIndexOf('@');
        if (at > LongestLocalPart
            || !text[(at + 1)..].Contains('.', StringComparison.Ordinal)
            || Uri.CheckHostName(text[(at + 1)..]) != UriHostNameType.Dns)
        {
            return false;
        }

        address = new EmailAddress(text);
        return true;
    }

    /// <summary>
    /// One key for all spellings of an address, by which mail to it is counted: hosts know no case, and no mail provider of note does;
    /// quotation marks around a name, and the dot behind a host, are only spelling.
    /// </summary>
    public static string KeyOf(string address)
    {
        var text = address.Trim().Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        var at = text.LastIndexOf('@');
        if (at < 0)
        {
            return text;
        }

        var (name, host) = (text[..at], text[(at + 1)..].TrimEnd('.'));
        return $"{(name is ['"', .. var inner, '"'] ? inner.Replace("\\", string.Empty, StringComparison.Ordinal) : name)}@{host}";
    }

    /// <summary>The address with most of its name hidden: a page may be looked at over a shoulder.</summary>
    public static string Mask(string address) =>
        address.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? address[..1] + "···" + address[at..] : "···";

    public override string ToString() => Mask(Value ?? string.Empty);
}
